"""
Three senders under the nemesis; then the one checker over the record and what the mail server kept.

`make test` runs one short seed; `make chaos` sets CHAOS_SEEDS, CHAOS_PEOPLE, CHAOS_KILLS and CHAOS_CRASHES to the
full measure: 3,000 people, 30 kills and 3 crashes of the database a run, 5 seeds.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from policies import clock
from policies.models import Notice, Person
from policies.notices import audit, planning
from scripts.postgresql import SETTINGS, PostgreSQL
from tests.chaos.evidence import kept_by
from tests.chaos.nemesis import ROOT, Nemesis
from tests.notices.telling import open_notice
from tests.people import JOINED_AT
from tests.smtp_sink import Sink

SEEDS = [int(seed) for seed in os.environ.get("CHAOS_SEEDS", "1").split(",")]
PEOPLE = int(os.environ.get("CHAOS_PEOPLE", "150"))
KILLS = int(os.environ.get("CHAOS_KILLS", "4"))
CRASHES = int(os.environ.get("CHAOS_CRASHES", "1"))
WITHIN = 120 + PEOPLE * 0.1 + KILLS * 10
# Slow enough for all the kills to happen while mails are on their way.
RATE = int(60 * PEOPLE / (1.5 * KILLS))


@pytest.fixture
def own_server() -> Iterator[PostgreSQL]:
    """A PostgreSQL of this test's own, that may crash. It keeps what it said it committed."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir="/tmp"))
    folder.chmod(0o711)
    server = PostgreSQL(folder, settings={**SETTINGS, "synchronous_commit": "on", "full_page_writes": "on"})
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def tormented(own_server: PostgreSQL, django_db_blocker: DjangoDbBlocker) -> Iterator[PostgreSQL]:
    """This process, too, works on the server that may crash."""
    with own_server.connect() as admin:
        admin.execute("CREATE DATABASE policysite OWNER policysite")
    environment = {**os.environ, "DATABASE_URL": own_server.url}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    with django_db_blocker.unblock():
        kept = dict(connection.settings_dict)
        connection.close()
        here = {"NAME": "policysite", "USER": "policysite", "PASSWORD": "", "HOST": "127.0.0.1"}
        connection.settings_dict.update({**here, "PORT": str(own_server.port)})
        try:
            yield own_server
        finally:
            connection.close()
            connection.settings_dict.update(kept)


def make_people(count: int) -> None:
    Person.objects.bulk_create(
        Person(external_id=f"p{n}", address=f"p{n}@example.org", joined_at=JOINED_AT) for n in range(count)
    )


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server that could crash")
@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_skipped_and_every_copy_is_explained(
    seed: int, tormented: PostgreSQL, smtp_sink: Sink, tmp_path: Path
) -> None:
    make_people(PEOPLE)
    notice = open_notice(rate=RATE)
    nemesis = Nemesis(tormented, smtp_sink, tmp_path, seed)
    try:
        run = nemesis.torment(notice, kills=KILLS, crashes=CRASHES, within=WITHIN)
    finally:
        nemesis.stop()
    notice.refresh_from_db()
    planning.finish(notice=notice, at=clock.now())
    certificate = audit.certify(notice)
    mails = f"{len(smtp_sink.messages)} mails kept for {PEOPLE} people"
    print(f"seed {seed}: {run}; {dict(certificate.by_state)}; {mails}")  # noqa: T201 - the figures of make chaos
    assert audit.check(notice, kept=kept_by(smtp_sink)) == []
    assert sum(certificate.by_state.values()) == PEOPLE


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server that could crash")
def test_a_naive_sender_fails_the_checker(tormented: PostgreSQL, smtp_sink: Sink, tmp_path: Path) -> None:
    """The test of the test: select, send, mark, as one would write it, loses count under the same nemesis."""
    make_people(PEOPLE)
    notice = open_notice()
    nemesis = Nemesis(tormented, smtp_sink, tmp_path, 1, command=("-m", "tests.chaos.naive", str(notice.pk)))
    try:
        nemesis.torment(notice, kills=KILLS, crashes=0, within=WITHIN)
    finally:
        nemesis.stop()
    found = {finding.invariant for finding in audit.check(Notice.objects.get(), kept=kept_by(smtp_sink))}
    assert "I3" in found
