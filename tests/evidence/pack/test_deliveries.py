"""How the mails of a pack's people went, and where else they were told: 03-deliveries.csv."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest

from policies import clock, ledger
from policies.evidence.pack import packing
from policies.models import Delivery, NoticeSeen, Person
from policies.notices.on_site import prominent_notice
from policies.notices.returns import bounces
from tests import factories
from tests.notices.telling import open_notice, people, send_all
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TAG = "studio"
MINUTE = timedelta(minutes=1)


def delivery_to(person: Person) -> Delivery:
    return Delivery.objects.get(recipient_id=person.pk)


def comes_back(person: Person, *, minutes: int) -> str:
    """The mail to this person is reported as undeliverable; when, as files write it."""
    at = clock.now() + minutes * MINUTE
    report = bounces.Report(delivery_to(person).pk, "failed", "5.2.2", "Mailbox full", f"event-{minutes}")
    assert bounces.record(report, source="dsn", at=at)
    return at.isoformat()


def is_shown(person: Person, place: str, *, minutes: int) -> str:
    """This person is shown the prominent notice of what they were told; when, as files write it."""
    at = clock.now() + minutes * MINUTE
    prominent_notice.shown([delivery_to(person).notice.version], to=person, place=place, at=at)
    return at.isoformat()


def rows() -> dict[str, dict[str, str]]:
    """The file as a reader sees it, by person."""
    ledger.seal(at=clock.now())
    with zipfile.ZipFile(io.BytesIO(packing.build(packing.of_cohort(TAG), at=clock.now()))) as pack:
        lines = csv.DictReader(io.StringIO(pack.read("03-deliveries.csv").decode()))
        return {line["person"]: line for line in lines}


def told(*people: Person) -> list[tuple[str, ...]]:
    found = rows()
    names = ("state", "came_back_at", "first_shown_where", "first_shown_at")
    return [tuple(found[str(person.pk)][name] for name in names) for person in people]


def test_a_mail_that_came_back_says_when_it_first_did(smtp_sink: Sink) -> None:
    lost, arrived = people(2, audiences=(TAG,))
    send_all(open_notice(), smtp_sink)
    comes_back(lost, minutes=30)
    first = comes_back(lost, minutes=10)
    assert told(lost, arrived) == [("accepted", first, "", ""), ("accepted", "", "", "")]


def test_where_and_when_the_notice_was_first_shown_stands_beside_the_mail(smtp_sink: Sink) -> None:
    in_product, on_site, unseen = people(3, audiences=(TAG,))
    notice = open_notice()
    earlier = notice.version.based_on
    assert earlier is not None
    prominent_notice.shown([earlier], to=unseen, place=NoticeSeen.Place.APP, at=clock.now())  # of another version
    send_all(notice, smtp_sink)
    first = is_shown(in_product, NoticeSeen.Place.PRODUCT, minutes=5)
    is_shown(in_product, NoticeSeen.Place.SITE, minutes=9)
    other = is_shown(on_site, NoticeSeen.Place.SITE, minutes=7)
    assert told(in_product, on_site, unseen) == [
        ("accepted", "", "in the product", first),
        ("accepted", "", "on this site", other),
        ("accepted", "", "", ""),
    ]


def test_whoever_was_shown_it_and_got_no_mail_is_listed_too(smtp_sink: Sink) -> None:
    person = factories.make_person(address="", audiences=(TAG,))
    send_all(open_notice(), smtp_sink)
    at = is_shown(person, NoticeSeen.Place.APP, minutes=5)
    ((state, _came_back, where, when),) = told(person)
    assert state != "accepted"
    assert (where, when) == ("in the app", at)
