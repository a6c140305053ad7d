from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from policies import acceptance, clock, evidence, ledger
from policies.acceptance import erasing, handover
from policies.models import Act, ActSubject, Delivery, Follower, Person, Standing, User
from policies.notices.plan import planning
from tests import factories, people
from tests.acceptance.asking import NOW, uma
from tests.evidence import world
from tests.notices import telling

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def person() -> Person:
    world.build()
    found = uma()
    Person.objects.filter(pk=found.pk).update(name="Uma Unmistakable", joined_at=world.START)
    version = Act.objects.earliest("pk").version
    how = acceptance.Circumstances(
        method=Act.Method.FORM, strength=Act.Strength.CODE, network_address="192.0.2.0", user_agent="Unmistakable/1"
    )
    showing = acceptance.Showing("en", version.text_in("en").sha256, version.manifest_sha256)
    acceptance.accept(person=found, version=version, showing=showing, how=how, at=world.START + 9 * world.DAY)
    found.refresh_from_db()
    return found


def dump() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables
            rows += [str([bytes(value) if isinstance(value, memoryview) else value for value in row]) for row in cursor]
    return "\n".join(rows)


def test_nothing_says_any_more_who_it_was_and_everything_verifies(person: Any) -> None:
    Client().force_login(people.uma())
    reference = ActSubject.objects.get(person=person).subject_ref
    salt = bytes(ActSubject.objects.get(person=person).salt)
    before = dump()
    assert all(word in before for word in ("uma@example.org", "Unmistakable", "192.0.2.0", str(salt)))
    assert erasing.erase(person=person, ground="request", by=None, at=NOW) == 1
    after = dump()
    for word in ("uma@example.org", "Unmistakable", "192.0.2.0", str(salt)):
        assert word not in after
    report = evidence.verify()
    assert (report.findings, report.closed) == ([], 1)
    assert Act.objects.filter(subject_ref=reference).exists()


def test_an_erased_person_signs_in_no_more(person: Any) -> None:
    client = Client()
    client.force_login(people.uma())
    erasing.erase(person=person, ground="request", by=None, at=NOW)
    assert Session.objects.count() == 0
    assert not User.objects.filter(email="uma@example.org").exists()
    assert client.get("/account/").status_code == 302


def test_a_session_that_a_product_handed_over_ends_too(person: Any) -> None:
    client = Client()
    token = handover.issue(person=person, return_to="", source="Studio", at=clock.now())
    client.post(f"/hand-over/{token}/")
    assert client.get("/review/").status_code == 200
    erasing.erase(person=person, ground="request", by=None, at=NOW)
    assert Session.objects.count() == 0


def test_a_user_of_the_same_address_that_was_linked_to_nobody_goes_too(person: Any) -> None:
    User.objects.filter(email="uma@example.org").delete()
    unlinked = User.objects.create_user("uma@example.org", people.PASSWORD, name="Uma Unmistakable")
    EmailAddress.objects.create(user=unlinked, email="uma@example.org", primary=True)
    client = people.signed_in(unlinked)
    erasing.erase(person=person, ground="request", by=None, at=NOW)
    assert "uma@example.org" not in dump()
    assert Session.objects.count() == 0
    assert client.get("/account/").status_code == 302


def test_of_one_with_a_past_at_the_desk_a_number_stays(person: Any) -> None:
    user = people.uma()
    User.objects.filter(pk=user.pk).update(person=None, is_staff=True)
    EmailAddress.objects.create(user=user, email="uma@example.org", primary=True)
    erasing.erase(person=person, ground="request", by=None, at=NOW)
    user.refresh_from_db()
    assert (user.email, user.is_active) == (f"erased-{user.pk}@erased.invalid", False)
    assert "uma@example.org" not in dump()


def test_what_they_followed_by_mail_goes_too(person: Any) -> None:
    joined = people.JOINED_AT
    follower = Follower.objects.create(address="Uma@example.org", asked_at=joined, confirmed_at=joined)
    version = telling.open_notice().version
    alert = planning.fan_out(notice=version.notices.get(stream="alert"), at=clock.now())
    told = Delivery.objects.filter(notice=alert, recipient_id=follower.pk)
    assert told.update(address="Uma@example.org") == 1
    erasing.erase(person=person, ground="request", by=None, at=NOW)
    assert not Follower.objects.exists()
    assert told.get().address == ""


def test_who_shares_the_address_keeps_what_is_theirs(person: Any) -> None:
    """Two of a family with one mailbox: the user is linked to neither, and may be the other one's."""
    User.objects.filter(email="uma@example.org").update(person=None)
    factories.make_person(address="uma@example.org")
    Follower.objects.create(address="uma@example.org", asked_at=NOW, confirmed_at=NOW)
    erasing.erase(person=person, ground="request", by=None, at=NOW)
    assert User.objects.filter(email="uma@example.org").exists()
    assert Follower.objects.exists()


def test_nobody_without_an_address_takes_others_along(person: Any) -> None:
    Person.objects.filter(pk=person.pk).update(address="")
    people.oscar()
    erasing.erase(person=person, ground="request", by=None, at=NOW)
    assert User.objects.filter(email="oscar@example.org").exists()


def test_what_was_sealed_before_stays_sealed(person: Any) -> None:
    checkpoint = ledger.seal(at=NOW)
    assert checkpoint is not None
    kept = checkpoint.note
    erasing.erase(person=person, ground="request", by=None, at=NOW)
    ledger.seal(at=NOW)
    assert evidence.verify(kept=[kept]).is_good


def test_a_legal_hold_keeps_everything_and_says_so(person: Any) -> None:
    Person.objects.filter(pk=person.pk).update(legal_hold=True)
    with pytest.raises(erasing.OnHold):
        erasing.erase(person=person, ground="request", by=None, at=NOW)
    assert ActSubject.objects.filter(person=person).exists()


def test_a_salt_that_is_gone_without_an_erasure_is_found(person: Any) -> None:
    with world.behind_the_guards():
        ActSubject.objects.filter(person=person).delete()
    assert {finding.code for finding in evidence.verify().findings} == {"salt-missing", "standing-changed"}


def test_erasing_twice_changes_nothing_more(person: Any) -> None:
    erasing.erase(person=person, ground="request", by=None, at=NOW)
    assert erasing.erase(person=person, ground="request", by=None, at=NOW) == 0


def test_others_are_left_alone(person: Any) -> None:
    before = Standing.objects.exclude(person=person).count()
    erasing.erase(person=person, ground="request", by=None, at=NOW)
    assert Standing.objects.count() == before


def test_the_command_says_what_it_would_do_and_does_it_when_told(
    person: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("erase_person", "uma", ground="request")
    assert "Would erase" in capsys.readouterr().out
    call_command("erase_person", "uma", ground="request", yes=True)
    assert "1 acts are closed" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Nobody is known as uma"):
        call_command("erase_person", "uma", ground="request", yes=True)


def test_retention_counts_first_and_then_deletes(
    person: Any, capsys: pytest.CaptureFixture[str], time_machine: Any
) -> None:
    time_machine.move_to(NOW.replace(year=2035))
    Person.objects.filter(pk=person.pk).update(closed_at=NOW)
    call_command("apply_retention", dry_run=True)
    assert (
        "Would forget the network of 1 answers, 0 tries of mails, 0 records of use,"
        " 0 messages to webhooks and 1 people who left; 0 are on hold." in capsys.readouterr().out
    )
    assert Person.objects.get(pk=person.pk).name
    call_command("apply_retention")
    assert Person.objects.get(pk=person.pk).erased_at
    assert evidence.verify().is_good
