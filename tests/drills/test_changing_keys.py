"""Keys are changed as docs/operating.md says, while people are signed in, links lie in mailboxes and the log stands."""

import base64
import re
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as today
from django.core import mail
from django.test import Client

from policies import clock, publishing
from policies.models import Checkpoint, JobSlot
from tests import factories
from tests import people as cast
from tests.drills.announcing import announce
from tests.services.deployment import Deployment

pytestmark = pytest.mark.both_databases

NEW_SECRET = "another key, of some length " * 3
NEW_LEDGER_KEY = base64.b64encode(bytes(range(32, 64))).decode()


class NotFollowed(urllib.request.HTTPRedirectHandler):
    """Where somebody is sent is what is asked about."""

    def redirect_request(self, *_: Any) -> None:
        return None


def status(url: str, *, session: str = "") -> int:
    request = urllib.request.Request(url, headers={"Cookie": f"sessionid={session}"})  # noqa: S310
    try:
        with urllib.request.build_opener(NotFollowed).open(request) as answer:
            found: int = answer.status
            return found
    except urllib.error.HTTPError as answer:
        answer.close()
        return answer.code


def restarted(deployment: Deployment, **settings: str) -> str:
    """The web server with other settings; its address."""
    deployment.stop()
    deployment.running.clear()
    deployment.settings = settings
    deployment.start_web()
    return deployment.url


def test_the_secret_key_goes_and_everybody_stays_signed_in(deployment: Deployment) -> None:
    session = cast.signed_in(cast.edith()).cookies["sessionid"].value
    policy = factories.make_version().policy
    Client().post(f"/p/{policy.slug}/follow/", {"address": "vera@example.org"})
    link = next(line for line in str(mail.outbox[0].body).splitlines() if "/follow/confirm/" in line)
    path = "/" + link.partition("://")[2].partition("/")[2]
    assert status(f"{restarted(deployment)}/admin/", session=session) == 200
    url = restarted(deployment, SECRET_KEY=NEW_SECRET, SECRET_KEY_FALLBACKS=today.SECRET_KEY)
    assert status(f"{url}/admin/", session=session) == 200
    assert status(url + path) == 200
    deployment.manage("renew_second_factors")
    # Without the former one, which goes after two weeks by the manual, sessions and links of before end.
    url = restarted(deployment, SECRET_KEY=NEW_SECRET)
    assert status(f"{url}/admin/", session=session) == 302
    assert status(url + path) == 404


def test_the_logs_key_goes_and_what_it_signed_stays_valid(deployment: Deployment, tmp_path: Path) -> None:
    announce()
    deployment.manage("run_deliveries", "--once")
    url = restarted(deployment)
    former = read(f"{url}/.well-known/policy-log/key").strip()
    early = tmp_path / "early"
    early.write_text(read(f"{url}/.well-known/policy-log/checkpoint"))
    changed = {"LEDGER_KEY": NEW_LEDGER_KEY, "LEDGER_OLD_VERIFIERS": former}
    url = restarted(deployment, **changed)
    another = factories.make_approved(effective_at=factories.in_days(40))
    publishing.publish(version=another, by=cast.edith(), at=clock.now())
    # As if the quarter of a minute between two heads had passed.
    JobSlot.objects.all().delete()
    deployment.manage("run_deliveries", "--once")
    heads = [checkpoint.note for checkpoint in Checkpoint.objects.order_by("size")]
    now = read(f"{url}/.well-known/policy-log/key").split()
    assert former in now
    assert now[0] != former
    assert signer(heads[0]) != signer(heads[-1])
    assert "PASS" in verified(deployment, "--checkpoint", str(early))
    # Whoever forgets the former one is told.
    deployment.settings = {"LEDGER_KEY": NEW_LEDGER_KEY}
    assert "FAIL" in verified(deployment)


def verified(deployment: Deployment, *options: str) -> str:
    """What verifying says, whether or not all is good."""
    try:
        return deployment.manage("verify_ledger", *options)
    except subprocess.CalledProcessError as error:
        return str(error.stdout) + str(error.stderr)


def read(url: str) -> str:
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own server
        found: str = answer.read().decode()
        return found


def signer(note: str) -> str:
    """The last part of a note's signature line begins with four bytes that name the key."""
    (line,) = re.findall(r"^— \S+ (\S+)$", note, re.MULTILINE)[:1]
    return base64.b64decode(line)[:4].hex()
