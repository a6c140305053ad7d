"""Tell everything at once that would keep the site from its work."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError

from policies import clock, tasks
from policies.deliverability.faults import Gravity
from policies.notices.send import by_smtp
from policies.notices.upkeep import deliverability_checks
from policies.operations import examinations

# Nobody waits for a page here: a machine that is busy is not a broker that is gone.
BROKER_SECONDS = 20
AWAY = "The database cannot be reached: start it, or look at DATABASE_URL."


class Command(BaseCommand):
    help = (
        "Look at settings, database, guards, migrations, broker, mail server, clock, marks, metrics, static files and"
        " what keeps mail from being accepted (SPF, DKIM, DMARC, names, TLS), and say of each what is wrong and what to"
        " do. Sends no mail and changes nothing. Fails where anything is wrong."
    )
    # They are part of what is told, and none of them may end it.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--mail-to", default="", metavar="ADDRESS", help="Offer a mail to this address, instead of to our own."
        )

    def handle(self, *args: Any, mail_to: str, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        found = {
            "settings": _checks([]),
            "database": _of_database(examinations.database),
            "schema, guards, role": _of_database(lambda: _checks(["default"])),
            "clock": _of_database(lambda: examinations.clock(at=clock.now())),
            "marks": _of_database(examinations.folder_of_marks),
            "metrics": examinations.folder_of_metrics(),
            "broker": []
            if tasks.broker_answers(within=BROKER_SECONDS)
            else ["It cannot be reached: look at CELERY_BROKER_URL and Redis."],
            "mail": _mail(mail_to),
            "static files": examinations.static_files(),
        }
        remarks: list[str] = []
        if not deliverability_checks.is_on_this_machine_alone():
            found["deliverability"], remarks = _deliverability()
        for part, problems in found.items():
            for number, said in enumerate(problems or ["ok"]):
                self.stdout.write(f"{'' if number else part:<22}{said}")
        for remark in remarks:
            self.stdout.write(f"{'':<22}{remark}")
        count = sum(map(len, found.values()))
        if count:
            raise CommandError(f"{count} thing{'s' if count > 1 else ''} to see to.")


def _checks(databases: list[str]) -> list[str]:
    """Django's checks and ours: those of a deployment, or only those of databases."""
    tags = [checks.Tags.database] if databases else None
    found = checks.run_checks(tags=tags, include_deployment_checks=True, databases=databases or None)
    return [
        _sentence(message) for message in found if message.level >= checks.WARNING and not _is_beside_the_point(message)
    ]


def _is_beside_the_point(message: checks.CheckMessage) -> bool:
    """A site with http is on this machine alone: Django's words about TLS are for others."""
    is_local = deliverability_checks.is_on_this_machine_alone()
    return message.is_silenced() or (is_local and str(message.id).startswith("security."))


def _sentence(message: checks.CheckMessage) -> str:
    return " ".join(filter(None, [" ".join(message.msg.split()), message.hint, f"({message.id})"]))


def _of_database(examine: Callable[[], list[str]]) -> list[str]:
    try:
        return examine()
    except OperationalError:
        return [AWAY]
    except DatabaseError:
        return ["It cannot be asked of tables that are not those of this code."]


def _mail(to: str) -> list[str]:
    if settings.MAIL_PROVIDER:
        return []
    return examinations.mail_server(by_smtp.from_settings().server, to=to)


def _deliverability() -> tuple[list[str], list[str]]:
    """What is wrong, and what is only worth knowing: advice, and what nobody could say."""
    found = deliverability_checks.found()
    wrong = [each.said for each in found if each.gravity == Gravity.WRONG]
    words = {Gravity.ADVICE: "Advice", Gravity.UNKNOWN: "Not known"}
    return wrong, [f"{words[each.gravity]}: {each.said}" for each in found if each.gravity in words]
