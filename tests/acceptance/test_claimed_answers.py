"""An answer given on paper or by phone counts, and everywhere says whose claim it is."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client

from policies import acceptance, clock, ledger
from policies.acceptance import receipts
from policies.evidence import verifying
from policies.evidence.pack import packing
from policies.models import Act, AuditEvent, Person, Version
from tests import factories, people
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> Version:
    return asking_version(
        asking_policy(slug="terms"), effective_at=factories.days_ago(1), published_at=factories.days_ago(9)
    )


@pytest.fixture
def person() -> Person:
    return uma()


@pytest.fixture
def support() -> Client:
    user = people.ravi()
    user.groups.set(Group.objects.filter(name="support"))
    return signed_in(user)


def send(client: Client, person: Person, version: Version, **changes: Any) -> Any:
    yesterday = (clock.now() - timedelta(days=1)).date().isoformat()
    form = {"about": version.pk, "answer": "agreed", "medium": "paper", "on": yesterday, "remark": "Folder 7."}
    return client.post(f"/admin/policies/person/{person.pk}/claim/", {**form, "scan_sha256": "AB" * 32, **changes})


def test_it_counts_and_is_marked_as_claimed(support: Client, person: Person, version: Version) -> None:
    assert send(support, person, version).status_code == 302
    act = Act.objects.get()
    assert (act.kind, act.method, act.source, act.trust) == ("agreed", "desk", "Ravi Nair", "claimed")
    assert (act.on_behalf, act.wording, act.screen) == (True, "", None)
    assert acceptance.outstanding(person=person, at=clock.now()) == ()
    event = AuditEvent.objects.get(verb="answer.claimed")
    assert (event.actor and event.actor.name, event.data["person"], event.data["act"]) == (
        "Ravi Nair",
        person.pk,
        act.pk,
    )


def test_the_receipt_the_account_and_the_desk_do_not_call_it_their_click(
    support: Client, person: Person, version: Version
) -> None:
    send(support, person, version)
    ledger.seal(at=clock.now())
    receipts.mail_due(at=clock.now())
    [receipt] = mail.outbox
    assert receipt.subject == "On record: you accepted the Terms of Service, version 1, not on this site"
    assert "Ravi Nair of Northwind Audio put on record" in receipt.body
    assert f"sha256 of the scan: {'ab' * 32}" in " ".join(receipt.body.split())
    client = signed_in(people.uma(), method="code")
    account = client.get("/account/").content.decode()
    assert "Ravi Nair put on record that you accepted" in account
    page = client.get(f"/account/receipts/{Act.objects.get().subject_ref}/").content.decode()
    assert "It was not given on this site." in page
    shown = support.get(f"/admin/policies/person/{person.pk}/change/").content.decode()
    assert "claimed by Ravi Nair" in shown
    assert "Folder 7." in shown


def test_the_pack_says_so_and_everything_verifies(support: Client, person: Person, version: Version) -> None:
    send(support, person, version)
    ledger.seal(at=clock.now())
    with zipfile.ZipFile(io.BytesIO(packing.build(packing.of_person(person), at=clock.now()))) as pack:
        words = "".join(pack.read(name).decode() for name in pack.namelist() if "event" in name)
    assert '"claimed"' in words
    assert "Ravi Nair" in words
    reference = Act.objects.get().subject_ref.hex
    assert [found for found in verifying.verify().findings if reference in str(found)] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"on": "2999-01-01"}, "This day lies ahead"),
        ({"on": "2001-01-01"}, "was published only on"),
        ({"scan_sha256": "abc"}, "64 hexadecimal digits"),
        ({"about": ""}, "Choose one."),
        ({"answer": "waived"}, "is not one of the available choices"),
    ],
)
def test_what_cannot_be_is_refused(
    support: Client, person: Person, version: Version, changes: dict[str, Any], words: str
) -> None:
    assert words in send(support, person, version, **changes).content.decode()
    assert not Act.objects.exists()


def test_they_can_take_it_back(support: Client, person: Person, version: Version) -> None:
    send(support, person, version)
    act = Act.objects.get()
    assert acceptance.can_undo(act, clock.now())


def test_without_the_right_nothing_is_recorded(person: Person, version: Version) -> None:
    assert send(signed_in(people.edith()), person, version).status_code == 403
    assert not Act.objects.exists()
