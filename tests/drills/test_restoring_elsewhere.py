"""The machine is lost in the middle of a notice; another is set up, and the last backup brought back to it."""

import re
import shutil
import signal
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from policies.models import Notice, Person
from policies.notices.write import recipients
from scripts import stack
from tests.chaos.evidence import kept_by
from tests.drills import IS_WHOLE, whole
from tests.drills.announcing import announce
from tests.drills.machine import SENDER, Machine
from tests.notices.telling import states
from tests.people import JOINED_AT
from tests.services.plugin import short_folder
from tests.smtp_sink import Fault, Sink

PEOPLE = 254 if IS_WHOLE else 60
SENDERS = [*stack.workers(), stack.beat("beat")] if IS_WHOLE else [SENDER]

pytestmark = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server and no roles")

Setting = Callable[..., Machine]


@pytest.fixture
def site(smtp_sink: Sink) -> Iterator[Setting]:
    """Set up a machine of that name, with these settings kept from another."""
    # It takes its time, so that the notice lasts.
    smtp_sink.misbehave(Fault(at="reply", delay=0.05))
    folder = Path(tempfile.mkdtemp(prefix="drill-", dir=short_folder()))
    folder.chmod(0o711)
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, folder, ignore_errors=True)

        def make(name: str, **settings: str) -> Machine:
            machine = Machine(folder / name, smtp_sink, {"HIGH_WATER_FOLDER": str(folder / "shared"), **settings})
            ends.callback(machine.end)
            machine.stack.start_services()
            return machine

        yield make


def announced() -> int:
    """Publish something that everybody is told of; the key of the version."""
    made = (Person(external_id=f"p{n}", address=f"p{n}@example.org", joined_at=JOINED_AT) for n in range(PEOPLE))
    Person.objects.bulk_create(made)
    return announce().pk


def wait_until(is_so: Callable[[], bool], machine: Machine, *, within: float = 240) -> None:
    deadline = time.monotonic() + within
    while not is_so():
        machine.stack.parts.look_after_parts()
        assert time.monotonic() < deadline, f"Not so within {within} s"


def told(sink: Sink) -> dict[str, int]:
    """How many mails of the notice each person was sent, by their address."""
    counts: dict[str, int] = {}
    for message in sink.messages:
        if b"<notice." in message.data:
            counts[message.recipients[0]] = counts.get(message.recipients[0], 0) + 1
    return counts


def lose_it(old: Machine, sink: Sink, *, backup: Path, blocker: DjangoDbBlocker) -> tuple[int, int]:
    """Back up with a quarter sent, and lose the machine when it is half. Returns how many were told, and of what."""
    old.stack.make_tables()
    with blocker.unblock(), old.worked_on():
        version = announced()
    old.start(*SENDERS)
    wait_until(lambda: len(told(sink)) >= PEOPLE // 4, old)
    # However long the backup takes here, the notice is in its middle, with a mail on its way.
    old.tell(signal.SIGSTOP, *SENDERS)
    said = old.do("backup", backup, role=stack.BACKUP)
    assert "SECRET_KEY" in said
    old.tell(signal.SIGCONT, *SENDERS)
    wait_until(lambda: len(told(sink)) >= PEOPLE // 2, old)
    old.is_lost()
    return len(told(sink)), version


def brought_back(new: Machine, backup: Path) -> str:
    """Restore by the manual; return what was said. Nothing goes out meanwhile."""
    refused = new.manage("restore", backup, role=stack.ROLE)
    assert refused.returncode == 1, "the site itself can make no tables"
    said = new.do("restore", backup, role=stack.OWNER)
    assert "The ledger verifies" in said
    assert "confirm_restore" in said
    assert "0 deliveries handled" in new.do("run_deliveries", "--once")
    return said


def kept_settings(old: Machine) -> dict[str, str]:
    """What was kept apart from the database: the keys, and the name of the site, which is part of the log's."""
    return {name: old.environment[name] for name in ("SECRET_KEY", "LEDGER_KEY", "SITE_URL")}


def counted(said: str) -> dict[str, int]:
    found = re.search(r"In all: (\d+) certainly unsent, (\d+) taken .*?, (\d+) uncertain", said)
    assert found, said
    return dict(zip(("unsent", "accepted", "uncertain"), map(int, found.groups()), strict=True))


@pytest.mark.parametrize("marks", ["kept", pytest.param("lost", marks=whole)])
def test_everybody_is_told_once_or_named_as_uncertain(
    marks: str, site: Setting, smtp_sink: Sink, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> None:
    old = site("old")
    had, version = lose_it(old, smtp_sink, backup=tmp_path / "backup", blocker=django_db_blocker)
    new = site("new", **kept_settings(old), **({"HIGH_WATER_FOLDER": str(tmp_path / "new")} if marks == "lost" else {}))
    brought_back(new, tmp_path / "backup")
    assert len(told(smtp_sink)) == had
    listed = tmp_path / "uncertain.csv"
    counts = counted(new.do("confirm_restore", "--list", listed))
    new.do("confirm_restore", "--uncertain", "leave")
    new.start_web()
    new.start(*SENDERS)
    with django_db_blocker.unblock(), new.worked_on():
        notice = Notice.objects.get(version=version, kind=Notice.Kind.CHANGE)
        wait_until(lambda: Notice.objects.filter(pk=notice.pk, state="done").exists(), new)
        ended = states(notice)
        ids = {recipients.message_id(pk): state for pk, state in notice.deliveries.values_list("pk", "state")}
    print(  # noqa: T201 - the figures of make drill
        f"marks {marks}: {PEOPLE} people, {had} told when the machine was lost; {counts}; in the end {ended}"
    )
    copies = {name: len(found) for name, found in kept_by(smtp_sink).copies.items() if name in ids}
    assert set(copies.values()) == {1}
    assert {name for name, state in ids.items() if state == "accepted"} <= set(copies)
    uncertain = {name for name, state in ids.items() if state != "accepted"}
    assert uncertain == {line.rsplit(",", 1)[-1] for line in listed.read_text().splitlines()[1:]}
    assert len(uncertain) == counts["uncertain"]
    if marks == "kept":
        assert counts["unsent"] >= PEOPLE - had - 10 * len(SENDERS)
        assert counts["uncertain"] <= 10 * len(SENDERS)
    assert "PASS" in new.do("verify_ledger")
    new.do("audit_notice", notice.pk)
    with urllib.request.urlopen(f"{new.url}/") as page:  # noqa: S310 - our own server
        assert b"Privacy Policy" in page.read()


@whole
def test_a_site_that_moves_goes_on_where_it_stopped(
    site: Setting, smtp_sink: Sink, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> None:
    """Stopped before the backup: nothing can have been sent since, and nothing has to be confirmed."""
    old = site("old")
    old.stack.make_tables()
    with django_db_blocker.unblock(), old.worked_on():
        announced()
    old.start(SENDER)
    wait_until(lambda: len(told(smtp_sink)) >= PEOPLE // 4, old)
    old.end()
    old.stack.start_services()
    old.do("backup", tmp_path / "backup", role=stack.BACKUP)
    old.is_lost()
    new = site("new", **kept_settings(old), HIGH_WATER_FOLDER=str(tmp_path / "new"))
    said = new.do("restore", tmp_path / "backup", "--moved", role=stack.OWNER)
    assert "confirm_restore" not in said
    new.do("run_deliveries", "--once")
    assert set(told(smtp_sink).values()) == {1}
    assert len(told(smtp_sink)) == PEOPLE
