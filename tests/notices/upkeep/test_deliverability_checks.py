"""Whether mail from here can be accepted: told by `doctor`, before publishing, and on the record of each notice."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from policies import clock, ledger
from policies.admin.desk.page_links import version_url
from policies.ledger import rows
from policies.models import BoundRows, DeliverabilityCheck, Notice
from policies.notices.plan import planning, steering
from policies.notices.upkeep import deliverability_checks
from policies.operations import maintenance
from tests import factories, people
from tests.deliverability.sound import KEY, SERVER, records
from tests.dns_server import Server, serving
from tests.management.test_doctor import told
from tests.notices import telling
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db
SPF = ("example.org", "TXT")
FORGOTTEN = "example.org has no SPF record."


@pytest.fixture
def dns(settings: Any) -> Iterator[Server]:
    """A site that the world sees, at a mail domain with which nothing is wrong."""
    settings.SITE_URL, settings.MAIL_DOMAIN = "https://policies.example.org", "example.org"
    settings.LEGAL_FROM, settings.ALERTS_FROM = "Example <legal@example.org>", "Example <alerts@example.org>"
    settings.MAIL_SENT_FROM, settings.MAIL_DKIM_KEYS = (ip_address(SERVER),), (KEY,)
    with serving(records()) as server:
        settings.DNS_SERVERS = server.servers
        yield server


def test_a_sound_site_is_said_to_be_by_doctor(dns: Server) -> None:
    assert told()["deliverability"] == "ok"
    assert not DeliverabilityCheck.objects.exists()


def test_doctor_counts_what_is_wrong_and_only_tells_the_rest(dns: Server, settings: Any) -> None:
    settings.MAIL_DKIM_KEYS = ()
    assert told()["deliverability"].startswith("ok Not known: Whether mails from example.org are signed (DKIM)")
    del dns.records[SPF]
    assert told()["deliverability"].startswith(f"{FORGOTTEN} Publish one (TXT)")


def test_a_site_on_this_machine_alone_is_not_checked(settings: Any) -> None:
    settings.DNS_SERVERS = (("127.0.0.1", 9),)
    deliverability_checks.check(at=clock.now())
    assert not DeliverabilityCheck.objects.exists()
    assert "deliverability" not in told()


def test_it_is_checked_once_an_hour(dns: Server) -> None:
    for _ in range(2):
        maintenance.check_deliverability(at=factories.days_ago(0))
    asked = len(dns.asked)
    assert asked == len(set(dns.asked))
    maintenance.check_deliverability(at=factories.in_days(1))
    assert len(dns.asked) == 2 * asked
    assert DeliverabilityCheck.objects.count() == 1


def test_the_publish_page_warns_and_forbids_nothing(dns: Server) -> None:
    del dns.records[SPF]
    draft = factories.make_approved(factories.make_version().policy)
    telling.people(2)
    client = people.signed_in(people.edith())
    before = client.get(version_url(draft, "publish")).content.decode()
    assert "Not checked yet" in before
    assert dns.asked == []
    after = client.post(version_url(draft, "check_deliverability"), follow=True).content.decode()
    assert FORGOTTEN in after
    assert "Checked on " in after
    assert "tell 2 people" in after


def test_what_was_known_when_it_was_planned_stands_on_the_notice_for_good(dns: Server) -> None:
    del dns.records[SPF]
    at = clock.now()
    deliverability_checks.check(at=at)
    notice = telling.open_notice()
    dns.records.update(records())
    deliverability_checks.check(at=clock.now())
    notice.refresh_from_db()
    assert notice.deliverability["at"] == at.isoformat()
    assert [each["name"] for each in notice.deliverability["findings"]] == ["spf-missing"]
    page = people.signed_in(people.ravi()).get(f"/admin/policies/notice/{notice.pk}/change/").content.decode()
    assert "what was known when this notice was planned" in page
    assert FORGOTTEN in page


@pytest.mark.both_databases
def test_nobody_changes_it_afterwards_and_a_batch_binds_it(dns: Server) -> None:
    deliverability_checks.check(at=clock.now())
    notice = telling.open_notice()
    with pytest.raises(DatabaseError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(deliverability={})
    ledger.bind(at=clock.now())
    batch = BoundRows.objects.get(table=Notice._meta.db_table)
    assert "deliverability" in batch.columns.split(",")
    assert rows.described(batch)["count"] == 1


def test_a_notice_that_was_planned_before_any_check_says_nothing() -> None:
    telling.told_version()
    [notice, *_rest] = planning.plan_due(at=clock.now())
    assert notice.deliverability == {}
    page = people.signed_in(people.ravi()).get(f"/admin/policies/notice/{notice.pk}/change/").content.decode()
    assert "when this notice was planned" not in page


def test_what_goes_out_later_keeps_what_is_known_by_then(dns: Server, smtp_sink: Sink) -> None:
    person, _other = telling.people(2)
    notice = telling.open_notice()
    telling.send_all(notice, smtp_sink)
    deliverability_checks.check(at=clock.now())
    by, at = people.edith(), clock.now()
    again = steering.send_to_one(notice=notice, person=person, by=by, at=at)
    steering.cancel(notice=notice, reason="Wrong.", by=by, at=at)
    correction = steering.correct(notice=notice, words="It was wrong.", by=by, at=at)
    assert notice.deliverability == {}
    assert again.deliverability == correction.deliverability == DeliverabilityCheck.known()
    assert again.deliverability["findings"] == []


def test_the_publish_page_of_a_site_on_this_machine_alone_says_so() -> None:
    draft = factories.make_approved(factories.make_version().policy)
    telling.people(2)
    client = people.signed_in(people.edith())
    page = client.post(version_url(draft, "check_deliverability"), follow=True).content.decode()
    assert page.count("Not checked: this site is on this machine alone") == 2
    assert not DeliverabilityCheck.objects.exists()
