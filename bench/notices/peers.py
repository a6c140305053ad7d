"""
The same number of mails through another queue, in the peers' own environment. `python peers.py NAME N`

NAME is post_office or mailer. Runs on plain Django with the DATABASE_URL and mail server that it is given.
"""

import json
import os
import resource
import sys
import time
from urllib.parse import urlsplit

import django
from django.conf import settings

BODY = "A paragraph of the size that such a mail has.\n" * 110
HTML = "<p>" + "A paragraph of the size that such a mail has.<br>" * 110 + "</p>"


def configure(name: str) -> None:
    url = urlsplit(os.environ["DATABASE_URL"])
    mail = urlsplit(os.environ["EMAIL_URL"])
    settings.configure(
        SECRET_KEY="x",  # noqa: S106 - nothing is signed here
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["django.contrib.contenttypes", name],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": url.path.strip("/"),
                "USER": url.username,
                "HOST": url.hostname,
                "PORT": url.port,
            }
        },
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST=mail.hostname,
        EMAIL_PORT=mail.port,
        POST_OFFICE={"BATCH_SIZE": 500, "THREADS_PER_PROCESS": 1, "LOG_LEVEL": 2},
        MAILER_EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        LOGGING_CONFIG=None,
    )
    django.setup()


def post_office(count: int) -> None:
    from post_office import mail
    from post_office.models import Email

    mail.send_many(
        [
            {
                "sender": "a@example.org",
                "recipients": [f"p{n}@example.org"],
                "subject": "S",
                "message": BODY,
                "html_message": HTML,
            }
            for n in range(count)
        ]
    )
    measure(count, lambda: [mail.send_queued(processes=1) for _ in range(count // 500)])
    assert Email.objects.filter(status=0).count() == count, "Not everything was sent."  # noqa: S101


def mailer(count: int) -> None:
    from django.core.mail import EmailMultiAlternatives
    from mailer.engine import send_all
    from mailer.models import Message

    for n in range(count):
        message = Message(priority=2)
        mail = EmailMultiAlternatives("S", BODY, "a@example.org", [f"p{n}@example.org"])
        mail.attach_alternative(HTML, "text/html")
        message.email = mail
        message.save()
    measure(count, send_all)


def measure(count: int, send: object) -> None:
    cpu, wall = time.process_time(), time.perf_counter()
    send()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"mails": count, "cpu": cpu, "wall": wall, "megabytes": memory}))


if __name__ == "__main__":
    chosen, number = sys.argv[1], int(sys.argv[2])
    configure(chosen)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    {"post_office": post_office, "mailer": mailer}[chosen](number)
