"""Letting one person off an answer: by a named right, for a written reason, and never as an acceptance."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client

from policies import acceptance, clock, evidence, ledger
from policies.acceptance import gate, receipts, waiting, waiving
from policies.models import Act, ActSubject, AuditEvent, Standing, Version
from tests import people
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.evidence import world
from tests.factories import days_ago, make_person, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

WHY = "Her own contract of 2 May stands in its place."


@pytest.fixture
def version() -> Version:
    return asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))


def waive(version: Version, **fields: Any) -> Act:
    fields = {"right": waiving.Right.CONTRACT, "reason": WHY, "strength": Act.Strength.MFA, **fields}
    return waiving.waive(person=uma(), policy=version.policy, by=people.ravi(), at=clock.now(), **fields)


def held(version: Version) -> bool:
    return bool(gate.Gate().look(session={}, user_id=people.uma().pk, at=clock.now()).blocking)


def support() -> Client:
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name="support"))
    return people.signed_in(user)


def test_the_product_waits_no_more_and_nobody_agreed(version: Version) -> None:
    assert held(version)
    act = waive(version)
    assert not held(version)
    assert acceptance.outstanding(person=uma(), at=clock.now()) == ()
    assert (act.kind, act.on_behalf, act.method) == ("waived", True, "desk")
    assert Standing.objects.get().agreed_number == 0
    (applied,) = evidence.applied_at(person=uma(), at=clock.now())
    assert (applied.agreed, applied.basis) == (None, "waived")


def test_the_right_and_the_reason_are_in_the_leaf_and_who_decided_in_the_audit(version: Version) -> None:
    act = waive(version)
    assert ActSubject.objects.get(subject_ref=act.subject_ref).remark == f"contract: {WHY}"
    made_by_the_factory = {"publication-unlisted", "terms-missing", "rendering-unlisted"}
    assert {finding.code for finding in evidence.verify().findings} == made_by_the_factory
    with world.behind_the_guards():
        ActSubject.objects.update(remark="")
    assert "act-changed" in {finding.code for finding in evidence.verify().findings}
    event = AuditEvent.objects.get(verb="answer.waived")
    assert (event.actor, event.data["person"]) == (people.ravi(), uma().pk)
    assert WHY not in str(event.data)  # it may speak of the person, and this record is never erased


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 301])
def test_without_a_reason_nothing_is_waived(version: Version, reason: str) -> None:
    with pytest.raises(waiving.NoReason):
        waive(version, reason=reason)
    assert not Act.objects.exists()


def test_where_nothing_is_asked_there_is_nothing_to_waive(version: Version) -> None:
    waive(version)
    with pytest.raises(acceptance.NotOpen):
        waive(version)
    assert Act.objects.count() == 1


def test_a_later_version_asks_again(version: Version) -> None:
    waive(version)
    asking_version(version.policy, effective_at=days_ago(0.1), published_at=days_ago(1))
    assert [question.version.number for question in acceptance.outstanding(person=uma(), at=clock.now())] == [2]
    assert held(version)


def test_a_waiver_that_is_ended_is_asked_again_in_every_session(version: Version) -> None:
    act, door, session = waive(version), gate.Gate(), dict[str, Any]()
    user = people.uma().pk
    assert door.look(session=session, user_id=user, at=clock.now()).blocking == ()
    waiving.end(
        act=act, person=uma(), reason="By mistake.", strength=Act.Strength.MFA, by=people.ravi(), at=clock.now()
    )
    assert gate.Gate().look(session=session, user_id=user, at=clock.now()).blocking == (version.policy_id,)
    assert Standing.objects.get().waived_number == 0


def test_whom_it_was_decided_for_does_not_undo_it(version: Version) -> None:
    act = waive(version)
    with pytest.raises(acceptance.TooLate):
        acceptance.withdraw(act=act, person=uma(), how=acceptance_how(), at=clock.now())


def acceptance_how() -> acceptance.Circumstances:
    return acceptance.Circumstances(method=Act.Method.FORM, strength=Act.Strength.CODE)


def test_who_was_let_off_is_not_waited_for(version: Version) -> None:
    uma(), make_person()
    waiting.complete_standings(at=clock.now())
    assert waiting.count(version) == 2
    waive(version)
    assert waiting.count(version) == 1
    assert len(waiting.page(version)[0]) == 1


def test_they_read_it_in_their_account_and_by_mail(version: Version) -> None:
    act = waive(version)
    client = Client()
    client.force_login(people.uma())
    assert "You were let off answering about the Terms of Service" in client.get("/account/").content.decode()
    receipt = client.get(f"/account/receipts/{act.subject_ref}/").content.decode()
    assert WHY in receipt
    assert "is no acceptance" in receipt
    assert "Undo this answer" not in receipt
    ledger.seal(at=clock.now())
    receipts.mail_due(at=clock.now())
    assert "You need not answer" in mail.outbox[0].subject
    assert WHY in mail.outbox[0].body
    assert "take this answer back" not in mail.outbox[0].body


def test_support_waives_at_the_desk_and_ends_it_there(version: Version) -> None:
    client, page = support(), f"/admin/policies/person/{uma().pk}/"
    assert "Waive an answer" in client.get(f"{page}change/").content.decode()
    form = {"about": "terms", "right": "hardship", "reason": "Her screen reader fails on the page."}
    assert client.post(f"{page}waive/", form).status_code == 302
    act = Act.objects.of(uma()).get()
    assert "Her screen reader fails" in client.get(f"{page}change/").content.decode()
    ending = {"about": str(act.subject_ref), "reason": "Mended."}
    assert client.post(f"{page}end-waiver/", ending).status_code == 302
    assert len(acceptance.outstanding(person=uma(), at=clock.now())) == 1


def test_a_waiver_needs_the_right_to_waive(version: Version) -> None:
    person = uma()
    waive(version)
    for user in (people.edith(), people.ravi(), people.oscar()):
        client = people.signed_in(user)
        for verb in ("waive", "end-waiver"):
            form = {"about": "terms", "right": "law", "reason": "Because."}
            assert client.post(f"/admin/policies/person/{person.pk}/{verb}/", form).status_code in {302, 403}
    assert Act.objects.count() == 1


def test_the_desk_is_told_what_is_missing(version: Version) -> None:
    client, page = support(), f"/admin/policies/person/{uma().pk}/waive/"
    assert "This field is required" in client.post(page, {"about": "terms", "right": "law"}).content.decode()
    assert "Select a valid choice" in client.post(page, {"about": "x", "right": "y", "reason": "z"}).content.decode()
    assert not Act.objects.exists()


def test_a_lapse_does_not_reopen_what_was_waived(version: Version) -> None:
    policy = asking_policy(renewal_months=1)
    waive(version)
    waive(asking_version(policy, effective_at=days_ago(1), published_at=days_ago(9)))
    assert acceptance.outstanding(person=uma(), at=clock.now() + timedelta(days=400)) == ()
