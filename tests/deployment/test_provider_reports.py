"""Only the provider in use may report, and only with its proof."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from anymail import urls as of_all
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from policies.models import Delivery, DeliveryFact, Suppression
from policies.notices.write import recipients
from policysite import provider_reports, urls
from tests.notices.telling import open_notice, people, send_all
from tests.smtp_sink import Sink

ROOT = Path(__file__).parents[2]
SECRET = "user:long-and-random"


@pytest.fixture
def delivery(smtp_sink: Sink) -> Delivery:
    people(1)
    notice = open_notice()
    send_all(notice, smtp_sink)
    return Delivery.objects.get(notice=notice)


@pytest.fixture
def _mailgun_reports(settings: Settings) -> None:
    """The site's own addresses as they are for a deployment whose provider is Mailgun."""
    settings.ANYMAIL = {"MAILGUN_WEBHOOK_SIGNING_KEY": "the provider's signing key"}
    site = ModuleType("site_of_mailgun")
    reports = path("anymail/", include((provider_reports.urls("mailgun"), "anymail")))
    site.__dict__.update({**vars(urls), "urlpatterns": [reports, *urls.urlpatterns]})
    settings.ROOT_URLCONF = site


def forged(delivery: Delivery) -> list[tuple[str, dict[str, Any]]]:
    """A hard bounce in the words of several providers, about a delivery whose id was guessed."""
    number, to = str(delivery.pk), delivery.address
    metadata = {"delivery": number}
    return [
        ("postmark", {"RecordType": "Bounce", "Type": "HardBounce", "Email": to, "ID": 1, "Metadata": metadata}),
        ("mailjet", {"event": "bounce", "hard_bounce": True, "email": to, "Payload": json.dumps(metadata), "time": 1}),
        ("brevo", {"event": "hard_bounce", "email": to, "X-Mailin-custom": json.dumps(metadata), "ts_event": 1}),
        ("sparkpost", {"msys": {"message_event": {"type": "bounce", "rcpt_to": to, "rcpt_meta": metadata}}}),
        ("mailgun", {"event-data": {"event": "failed", "user-variables": metadata}}),
        ("amazon_ses", {"Type": "Notification", "Message": json.dumps({"mail": {}, "metadata": metadata})}),
    ]


def post(name: str, body: object) -> Any:
    client = Client(raise_request_exception=False)
    return client.post(f"/anymail/{name}/tracking/", json.dumps(body), content_type="application/json")


@pytest.mark.django_db
@pytest.mark.usefixtures("_mailgun_reports")
def test_an_attacker_who_posts_bounces_to_every_provider_changes_nothing(delivery: Delivery) -> None:
    answers = {}
    for name, body in forged(delivery):
        for shape in (
            body,
            [body],
            {**body, "message": {"headers": {"message-id": recipients.message_id(delivery.pk)}}},
        ):
            answers[name] = post(name, shape).status_code
    assert answers.pop("mailgun") == 400
    assert set(answers.values()) == {404}
    assert not DeliveryFact.objects.exists()
    assert not Suppression.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("_mailgun_reports")
def test_of_all_addresses_of_django_anymail_one_is_there() -> None:
    client = Client()
    asked = {"/anymail/" + re.sub(r"[\^$]|\(.*\)\?", "", str(url.pattern)) for url in of_all.urlpatterns}
    assert len(asked) > 20
    answers = {path: client.post(path, {}, content_type="application/json").status_code for path in asked}
    assert answers.pop("/anymail/mailgun/tracking/") == 400
    assert set(answers.values()) == {404}


@pytest.mark.parametrize(
    ("named", "sender", "anymail", "reporter"),
    [
        ("", "", {}, ""),
        ("mailgun", "", {"MAILGUN_WEBHOOK_SIGNING_KEY": "k"}, "mailgun"),
        ("", "mailgun", {"MAILGUN_API_KEY": "k", "MAILGUN_WEBHOOK_SIGNING_KEY": "k"}, "mailgun"),
        ("", "postmark", {"POSTMARK_SERVER_TOKEN": "t", "WEBHOOK_SECRET": SECRET}, "postmark"),
        ("amazon_ses", "", {"WEBHOOK_SECRET": SECRET}, "amazon_ses"),
        ("", "resend", {"WEBHOOK_SECRET": SECRET}, "resend"),
        ("", "scaleway", {"SCALEWAY_SECRET_KEY": "k"}, ""),
    ],
)
def test_who_reports(named: str, sender: str, anymail: dict[str, str], reporter: str) -> None:
    assert provider_reports.reporter(named=named, sender=sender, anymail=anymail) == reporter


@pytest.mark.parametrize(
    ("named", "sender", "anymail", "said"),
    [
        ("", "", {"MAILGUN_WEBHOOK_SIGNING_KEY": "k"}, "Set MAIL_REPORTS to the provider"),
        ("mailgin", "", {"WEBHOOK_SECRET": SECRET}, "MAIL_REPORTS is 'mailgin'"),
        ("mailgun", "", {"WEBHOOK_SECRET": SECRET}, "no MAILGUN_WEBHOOK_SIGNING_KEY:"),
        ("", "postmark", {"POSTMARK_SERVER_TOKEN": "t"}, "no WEBHOOK_SECRET:"),
        ("", "postmark", {"WEBHOOK_SECRET": "no-colon"}, "no WEBHOOK_SECRET:"),
        ("amazon_ses", "", {}, "no WEBHOOK_SECRET:"),
        ("", "sendgrid", {"SENDGRID_API_KEY": "k"}, "no SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY or WEBHOOK_SECRET:"),
        ("", "resend", {"RESEND_SIGNING_SECRET": "whsec_x"}, "needs the package svix"),
    ],
)
def test_a_provider_that_anybody_could_speak_for_is_refused(
    named: str, sender: str, anymail: dict[str, str], said: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        provider_reports.reporter(named=named, sender=sender, anymail=anymail)


def test_every_provider_that_reports_is_known() -> None:
    """A provider that django-anymail brings new is looked at before it may report."""
    named = {str(url.name).removesuffix("_webhook").removesuffix("_tracking") for url in of_all.urlpatterns}
    reporting = {name for name in named if not name.endswith("_inbound")} - {"sendinblue"}  # brevo's old name
    assert reporting == set(provider_reports.PROOFS)
    assert all(len(provider_reports.urls(name)) in {1, 2} for name in reporting)


def test_the_start_is_refused_in_one_line() -> None:
    environment = {**os.environ, "MAIL_REPORTS": "postmark", "POLICYSITE_DEMO": "1"}
    command = [sys.executable, "-m", "manage", "check"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "ANYMAIL has no WEBHOOK_SECRET: anybody could report bounces in the name of postmark." in said
    assert "Traceback" not in said
