"""After somebody was erased a dump of the database, as administrators take it, holds nothing that says who it was."""

import subprocess

import pytest
from django.db import connection
from django.test import Client

from policies import acceptance, clock, ledger
from policies.acceptance import continued_use, erasing, leaving, receipts, waiving
from policies.models import Act, Delivery, NoticeSeen, Person
from policies.notices.on_site import prominent_notice
from scripts import postgresql
from tests import people
from tests.acceptance.asking import asking_policy, asking_version, screen_of, uma
from tests.acceptance.test_answer_page import form_of
from tests.factories import days_ago
from tests.notices import telling
from tests.smtp_sink import Sink

NETWORK, BROWSER, REASON = "203.0.113.0", "Unmistakable/1.0", "Unmistakably ill"
WORDS = ("uma@example.org", "Uma Berg", "uma", NETWORK, BROWSER, REASON, "Erased unmistakably")


def live(sink: Sink) -> Person:
    """Everything that happens to Uma: told, shown, asked, let off, seen using it, on her way out."""
    person = uma()
    notice = telling.open_notice(telling.told_version())
    telling.send_all(notice, sink)
    prominent_notice.shown([notice.version], to=person, place=NoticeSeen.Place.SITE, at=clock.now())
    terms = asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))
    how = acceptance.Circumstances(
        method=Act.Method.FORM, strength=Act.Strength.CODE, network_address=NETWORK, user_agent=BROWSER
    )
    acceptance.decline(person=person, version=terms, showing=screen_of(terms), how=how, at=clock.now())
    waiving.waive(
        person=person,
        policy=terms.policy,
        right=waiving.Right.HARDSHIP,
        reason=REASON,
        strength=Act.Strength.MFA,
        by=people.ravi(),
        at=clock.now(),
    )
    browser = Client()
    browser.force_login(people.uma())
    form_of(browser.get("/review/terms/"))
    browser.post("/demo/product/", {"name": "Uma Berg"})  # kept in the session, if the gate holds it
    request = acceptance.ask_for_deletion(person=person, policy=terms.policy, at=clock.now())
    leaving.close(request=request, outcome="Erased unmistakably", by=people.ravi(), at=clock.now())
    continued_use.note(person=person, on=clock.now().date(), source="uma", at=clock.now())
    ledger.seal_all(at=clock.now())
    receipts.mail_due(at=clock.now())
    return person


def dumped(url: str) -> str:
    program = postgresql.find_binaries() / "pg_dump"
    done = subprocess.run([program, "--inserts", url], capture_output=True, check=True)
    return done.stdout.decode(errors="replace")


def found_in(dump: str) -> set[str]:
    """Which of the words stand in it; a short one as a value of its own."""
    return {word for word in WORDS if (f"'{word}'" if len(word) < 5 else word) in dump}


def test_a_dump_after_erasing_holds_nothing_of_theirs(fresh_database: str, smtp_sink: Sink) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("pg_dump reads PostgreSQL; tests/acceptance/test_erasing.py reads every table on SQLite.")
    person = live(smtp_sink)
    before = found_in(dumped(fresh_database))
    assert before >= {"uma@example.org", "Uma Berg", NETWORK, BROWSER, REASON, "Erased unmistakably"}
    erasing.erase(person=person, ground="request of the day", by=None, at=clock.now())
    assert found_in(dumped(fresh_database)) == set()
    assert Delivery.objects.filter(recipient_id=person.pk).exists()  # the counts of the notice stay true
