"""Who has accepted, who has not, who declined, who could not be reached: counted, listed, and as the notice has it."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from policies import acceptance, clock
from policies.acceptance import waiving
from policies.acceptance.roll import roll_call, uptake
from policies.acceptance.roll.answer_states import State
from policies.acceptance.roll.roll_call import Chosen
from policies.models import Act, Delivery, DeliveryFact, NoticeSeen, Person, Standing, Version
from policies.notices.on_site import reach
from policies.notices.queue import progress
from tests import factories, people
from tests.acceptance.asking import BY_FORM, screen_of
from tests.notices import telling
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def asked(**fields: object) -> Version:
    return telling.told_version(**{"acceptance": "explicit", **fields})


def states(version: Version, **chosen: object) -> dict[int, str]:
    entries = roll_call.everybody(version, Chosen(**chosen), at=clock.now())  # type: ignore[arg-type]
    return {entry.person.pk: entry.state.value for entry in entries}


def accept(person: Person, version: Version, *, answer: str = "accept") -> None:
    getattr(acceptance, answer)(person=person, version=version, showing=screen_of(version), how=BY_FORM, at=clock.now())


def test_everybody_is_in_one_state() -> None:
    version = asked()
    agreed, declined, waived, silent, unreached, _gone = [
        *(factories.make_person() for _ in range(4)),
        factories.make_person(address=""),
        factories.make_person(closed_at=factories.days_ago(1)),
    ]
    telling.open_notice(version)
    accept(agreed, version)
    accept(declined, version, answer="decline")
    waiving.waive(
        person=waived, policy=version.policy, right=waiving.Right.LAW, reason="A court.",
        strength=Act.Strength.CODE, by=people.edith(), at=clock.now(),
    )  # fmt: skip
    assert states(version) == {
        agreed.pk: "accepted",
        declined.pk: "declined",
        waived.pk: "waived",
        silent.pk: "waiting",
        unreached.pk: "unreached",
    }
    counts = roll_call.count(version, at=clock.now())
    assert (counts.total, counts.accepted, counts.share) == (5, 1, 20.0)
    assert dict(counts.by_state) == dict.fromkeys(State, 1)


def test_who_saw_the_notice_or_answered_was_reached_all_the_same() -> None:
    version = asked()
    saw, answered, lost = (factories.make_person(address="") for _ in range(3))
    telling.open_notice(version)
    NoticeSeen.objects.create(version=version, person=saw, at=clock.now())
    accept(answered, version)
    assert states(version) == {saw.pk: "waiting", answered.pk: "accepted", lost.pk: "unreached"}


def test_a_mail_that_came_back_reached_nobody(smtp_sink: Sink) -> None:
    version = asked()
    person = factories.make_person()
    notice = telling.open_notice(version)
    telling.send_all(notice, smtp_sink)
    assert states(version) == {person.pk: "waiting"}
    DeliveryFact.objects.create(
        delivery_id=Delivery.key(notice.pk, person.pk, 0), kind="bounced", source="test", event="1", at=clock.now()
    )
    assert states(version) == {person.pk: "unreached"}


def test_the_numbers_agree_with_those_of_the_notice(smtp_sink: Sink) -> None:
    version = asked()
    crowd = [*telling.people(7), *telling.people(3, address="")]
    notice = telling.open_notice(version)
    telling.send_all(notice, smtp_sink)
    counts, of_notice = roll_call.count(version, at=clock.now()), reach.coverage(notice)
    assert counts.total == progress.counts(notice).total == len(crowd)
    assert counts.by_state[State.UNREACHED] == of_notice.by_none == 3
    NoticeSeen.objects.create(version=version, person=crowd[-1], at=clock.now())
    assert roll_call.count(version, at=clock.now()).by_state[State.UNREACHED] == reach.coverage(notice).by_none == 2


def test_the_list_is_cut_by_audience_state_and_time_and_follows_the_keys() -> None:
    version = asked()
    crowd = [factories.make_person(audiences=("pro", "beta") if n % 2 else ()) for n in range(6)]
    for person in crowd[:4]:
        accept(person, version)
    Standing.objects.filter(person=crowd[0]).update(agreed_at=factories.days_ago(3))
    assert list(states(version, audience="pro")) == [crowd[1].pk, crowd[3].pk, crowd[5].pk]
    assert list(states(version, state="accepted", since=factories.days_ago(1))) == [each.pk for each in crowd[1:4]]
    assert list(states(version, since=factories.days_ago(0.001))) == [each.pk for each in crowd[1:4]]
    assert roll_call.count(version, audience="pro", at=clock.now()).total == 3
    first, after = roll_call.page(version, Chosen(), limit=4, at=clock.now())
    rest, end = roll_call.page(version, Chosen(), after=after or 0, limit=4, at=clock.now())
    assert ([entry.person for entry in (*first, *rest)], end) == (crowd, None)


@pytest.mark.parametrize("seed", range(5))
def test_counts_lists_and_csv_say_the_same_of_any_crowd(seed: int) -> None:
    """Whatever is on record of each: standings, deliveries, sights, bounces; with and without an audience."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    version = asked()
    crowd = [
        factories.make_person(
            audiences=chance.choice([(), ("pro",), ("beta", "prose")]),
            address=chance.choice(["", f"p{n}@example.org"]),
            closed_at=chance.choice([None, None, factories.days_ago(0)]),
        )
        for n in range(30)
    ]
    notice = telling.open_notice(version)
    for person in crowd:
        if chance.random() < 0.7:
            numbers = {f"{name}_number": chance.randint(0, 3) for name in ("agreed", "declined", "waived")}
            Standing.objects.create(person=person, policy=version.policy, agreed_at=clock.now(), **numbers)
        if chance.random() < 0.3:
            NoticeSeen.objects.create(version=version, person=person, at=clock.now())
        key = Delivery.key(notice.pk, person.pk, 0)
        Delivery.objects.filter(pk=key, state="queued").update(state=chance.choice(["queued", "accepted", "failed"]))
        if chance.random() < 0.2:
            fact = {"kind": "bounced", "source": "t", "event": str(person.pk), "at": clock.now()}
            DeliveryFact.objects.create(delivery_id=key, **fact)
    for audience in ("", "pro"):
        listed = states(version, audience=audience)
        counted = roll_call.count(version, audience=audience, at=clock.now()).by_state
        assert Counter(listed.values()) == Counter({state.value: n for state, n in counted.items() if n})
        for state in State:
            one = states(version, audience=audience, state=state.value)
            assert one == {pk: found for pk, found in listed.items() if found == state}


def test_the_csv_is_harmless_and_streamed() -> None:
    version = asked()
    person = factories.make_person(name="=1+1", address="x@example.org")
    head, line = roll_call.as_csv(version, Chosen(), at=clock.now())
    assert head == "person_id,external_id,name,address,audiences,state,since\r\n"
    assert f"{person.pk},{person.external_id},'=1+1,x@example.org,,waiting," in line


def test_acceptances_are_drawn_against_the_effect() -> None:
    version = asked(published_at=factories.days_ago(10), effective_at=factories.in_days(10))
    for days in (8, 8, 2):
        person = factories.make_person()
        accept(person, version)
        Standing.objects.filter(person=person).update(agreed_at=factories.days_ago(days))
    left = factories.make_person()
    accept(left, version)
    Person.objects.filter(pk=left.pk).update(closed_at=clock.now() - timedelta(hours=1))
    found = uptake.of(version, total=4, at=clock.now())
    assert [day.accepted for day in found.days] == [0, 0, *[2] * 6, *[3] * 3]
    assert found.points.startswith("0.0,180.0 ")
    assert found.points.endswith(f" {round(720 * 11 / 21, 2)},45.0 {round(720 * 11 / 21, 2)},180.0")
    assert found.effect_x == round(720 * 20 / 21, 2)


def test_a_picture_of_years_has_so_many_days_and_no_more() -> None:
    version = asked(published_at=factories.days_ago(900), effective_at=factories.days_ago(890))
    person = factories.make_person()
    accept(person, version)
    found = uptake.of(version, total=1, at=clock.now())
    assert len(found.days) <= 121
    assert found.days[-1].accepted == 1


@pytest.mark.parametrize("state", ["", *State.values])
def test_a_page_reads_as_much_of_a_large_crowd_as_of_a_small_one(state: str) -> None:
    """Decision 078: not seconds but growth, here of the blocks that PostgreSQL reads for one page."""
    if connection.vendor != "postgresql":
        return
    version = asked()
    telling.open_notice(version)
    read = []
    for size, odd in ((4_000, 20), (16_000, 0)):
        _crowd(version, size, odd=odd)
        read.append(_blocks_read(version, state))
    assert read[1] < 1.5 * read[0] + 50, read


def _crowd(version: Version, size: int, *, odd: int) -> None:
    """So many more people: half accepted, and `odd` each declined, were let off and were not reached."""
    notice = version.notices.get()
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH made AS (INSERT INTO policies_person (name, address, language, audiences, joined_at, legal_hold)"
            " SELECT 'P', '', 'en', '', '2024-01-01', false FROM generate_series(1, %s) RETURNING id),"
            " counted AS (SELECT id, row_number() OVER () AS n FROM made), stood AS"
            " (INSERT INTO policies_standing (person_id, policy_id, agreed_number, agreed_at, declined_number,"
            " waived_number) SELECT id, %s, CASE WHEN n %% 2 = 0 THEN 2 ELSE 1 END, now(),"
            " CASE WHEN n <= %s THEN 2 ELSE 0 END, CASE WHEN n > %s AND n <= %s THEN 2 ELSE 0 END FROM counted)"
            " INSERT INTO policies_delivery (id, notice_id, recipient_id, channel, state, reason, late, attempts,"
            " uncertain_tries, next_attempt_at, address) SELECT %s + id * 4, %s, id, 0,"
            " CASE WHEN n > %s AND n <= %s THEN 'failed' ELSE 'accepted' END, '', false, 0, 0, now(), '' FROM counted",
            [size, version.policy_id, odd, odd, 2 * odd, Delivery.first_key(notice.pk), notice.pk, 2 * odd, 4 * odd],
        )
        cursor.execute("ANALYZE")


def _blocks_read(version: Version, state: str) -> int:
    with CaptureQueriesContext(connection) as asked_for:
        entries, _after = roll_call.page(version, Chosen(state=state), at=clock.now())
    assert entries
    [statement] = [each["sql"] for each in asked_for if "policies_standing s" in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.replace('%', '%%')}", [])
        plan = cursor.fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
