"""What the rehearsal says before is what the notice does afterwards, for every kind of person there is."""

import itertools
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from policies import clock, publishing
from policies.models import Delivery, Notice, Person, Suppression, Version
from policies.notices.plan import planning, rehearsal_by_person
from policies.notices.plan.rehearsal_by_person import Fate
from policies.notices.returns import suppression
from tests import factories
from tests import people as cast
from tests.notices.telling import FAST, send_all
from tests.people import signed_in
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db

SUPPRESSED = (Suppression.Reason.HARD_BOUNCE, Suppression.Reason.COMPLAINT, Suppression.Reason.MANUAL)


@pytest.fixture
def version() -> Version:
    """A draft for the people tagged “studio”, approved and ready to be published."""
    policy = factories.make_version(factories.make_policy(audiences=("studio",))).policy
    return factories.make_approved(policy, effective_at=factories.in_days(40))


def everybody() -> None:
    """One person for every way in which joining, leaving, audience, address and guardian can go together."""
    past, ahead = factories.days_ago(1), factories.in_days(1)
    guardians = (None, factories.make_person(), factories.make_person(address=""))
    kinds = itertools.product(
        (past, ahead), (None, past, ahead), (True, False), ("studio", "de,studio", "de", ""), guardians, range(6)
    )
    for joined_at, closed_at, is_erased, tag, guardian, way in kinds:
        if closed_at and closed_at < joined_at:
            continue
        fields: dict[str, Any] = {"joined_at": joined_at, "closed_at": closed_at, "audiences": tag}
        fields |= {"guardian": guardian, "erased_at": closed_at if is_erased else None}
        person = factories.make_person(**fields, **({} if way > 1 else {"address": ("", "no one@x")[way]}))
        if way > 2:
            suppression.suppress(person.address, SUPPRESSED[way - 3], source="test", at=past)


def foretold(version: Version, at: datetime) -> dict[int, Fate]:
    ids = list(Person.objects.values_list("pk", flat=True))
    return rehearsal_by_person.fates(version.policy, ids, at=at)


def told(version: Version, sink: Sink) -> dict[int, str]:
    """Publish and send; what became of each person, "" for whoever was not in the audience."""
    publishing.publish(version=version, by=cast.edith(), at=clock.now())
    (notice,) = planning.plan_due(at=clock.now())
    Notice.objects.filter(pk=notice.pk).update(rate_per_minute=FAST)
    send_all(planning.fan_out(notice=notice, at=clock.now()), sink)
    found = dict.fromkeys(Person.objects.values_list("pk", flat=True), "")
    for row in Delivery.objects.filter(notice=notice):
        found[row.recipient_id] = "mail" if row.state == "accepted" else row.reason
    return found


@pytest.mark.both_databases
def test_what_is_rehearsed_is_what_happens(version: Version, smtp_sink: Sink) -> None:
    everybody()
    before = foretold(version, clock.now())
    after = told(version, smtp_sink)
    as_delivered = {Fate.GUARDIAN: "mail", **dict.fromkeys(rehearsal_by_person.NOT_BOUND, "")}
    assert {pk: as_delivered.get(fate, fate.value) for pk, fate in before.items()} == after
    assert {*before.values()} == {*Fate} - {Fate.ERASED, Fate.NO_ACCOUNTS}


@pytest.mark.both_databases
def test_the_numbers_are_those_of_the_people_behind_them(version: Version) -> None:
    everybody()
    at = clock.now()
    each = list(foretold(version, at).values())
    counts = rehearsal_by_person.count(version.policy, at=at)
    assert counts == {fate: each.count(fate) for fate in {*each}}
    for fate, number in counts.items():
        assert len(rehearsal_by_person.listed(version.policy, fate, size=1000, at=at).people) == number
    rehearsal = publishing.rehearse(version=version, at=at)
    assert rehearsal.without_address == counts[Fate.NO_ADDRESS]
    assert rehearsal.people == sum(
        counts[fate] for fate in (*rehearsal_by_person.BY_MAIL, *rehearsal_by_person.ON_SITE) if fate in counts
    )


def test_pages_of_people_meet_without_a_gap(version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal_by_person, "AT_ONCE", 40)
    monkeypatch.setattr(rehearsal_by_person, "MOST_LOOKED_AT", 80)
    everybody()
    at, after, found = clock.now(), 0, []
    while True:
        page = rehearsal_by_person.listed(version.policy, Fate.BOUNCED, after=after, size=2, at=at)
        found += [person.pk for person in page.people]
        if page.after is None:
            break
        after = page.after
    assert found == [pk for pk, fate in sorted(foretold(version, at).items()) if fate == Fate.BOUNCED]


def test_the_rehearsal_asks_as_much_for_many_as_for_few(
    version: Version, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    everybody()
    policy = version.policy
    with django_assert_max_num_queries(7):
        rehearsal_by_person.count(policy, at=clock.now())


def test_a_policy_without_accounts_tells_nobody_by_name() -> None:
    factories.make_person()
    policy = factories.make_policy(has_accounts=False)
    assert rehearsal_by_person.count(policy, at=clock.now()) == {Fate.NO_ACCOUNTS: 1}


# At the desk


def page_of(version: Version, name: str = "rehearsal") -> str:
    return reverse(f"admin:policies_version_{name}", args=[version.pk])


@pytest.mark.parametrize("name", ["rehearsal", "publish"])
def test_the_desk_says_who_how_why_and_until_when(version: Version, name: str) -> None:
    everybody()
    shown = signed_in(cast.edith()).get(page_of(version, name)).content.decode()
    number = rehearsal_by_person.count(version.policy, at=clock.now())[Fate.BOUNCED]
    assert "mail to this address came back before" in shown.lower()
    assert f'fate=bounced">{number}<' in shown
    assert 'class="fate fate--mail"' in shown
    assert "Earliest effective date that keeps the promise" in shown
    assert " style=" not in shown


def test_one_person_is_answered_for(version: Version) -> None:
    person = factories.make_person(audiences=("studio",), name="Lena Kraft")
    suppression.suppress(person.address, Suppression.Reason.COMPLAINT, source="test", at=clock.now())
    shown = signed_in(cast.edith()).get(page_of(version, "rehearsed"), {"q": "lena kraft"}).content.decode()
    assert "Would get no mail: complained about mail before." in shown
    assert person.address not in shown


def test_support_sees_one_person_at_a_time(version: Version) -> None:
    person = factories.make_person(audiences=("studio",), name="Lena Kraft")
    support = factories.make_user(is_staff=True)
    support.groups.add(Group.objects.get(name="support"))
    client = signed_in(support)
    assert "Lena Kraft" not in client.get(page_of(version, "rehearsed"), {"fate": "mail"}).content.decode()
    assert "Would be told" in client.get(page_of(version, "rehearsed"), {"q": str(person.external_id)}).content.decode()


@pytest.mark.parametrize("query", ["?fate=nothing", "?after=x", "?after=99999999999999999999", "?q=" + "x" * 5000])
def test_an_odd_question_is_answered(version: Version, query: str) -> None:
    assert signed_in(cast.edith()).get(page_of(version, "rehearsed") + query).status_code == 200


@pytest.mark.parametrize("name", ["rehearsal", "rehearsed"])
def test_what_is_published_is_not_rehearsed(name: str) -> None:
    assert signed_in(cast.edith()).get(page_of(factories.make_version(), name)).status_code == 404
