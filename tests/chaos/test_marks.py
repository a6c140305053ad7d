"""A database on a machine that has no mark of it: nobody is mailed twice, and a machine that joins can be let in."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policies import clock, ledger, tasks
from policies.models import Checkpoint, Notice
from policies.notices.plan import planning
from policies.notices.report import health
from policies.notices.send import restore_guard
from policies.notices.upkeep.sweep import sweep
from policies.operations import maintenance
from tests import factories
from tests.chaos.test_restored import back_up, desk, mails_of_notices, page_of, restore
from tests.notices.telling import open_notice, people, send_all, sender, states, told_version
from tests.services.deployment import ROOT, Deployment
from tests.smtp_sink import Sink

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def machine(settings: Any, tmp_path: Path) -> Path:
    """The folder of marks of the machine that sends first."""
    settings.HIGH_WATER_FOLDER = str(tmp_path / "first")
    return tmp_path / "first"


@pytest.fixture
def another(settings: Any, tmp_path: Path) -> Any:
    """Go on as another machine, whose folder is empty."""

    def move() -> None:
        settings.HIGH_WATER_FOLDER = str(tmp_path / "second")

    return move


def part_of(notice: Notice, sink: Sink) -> None:
    """Send one batch, the first that is due."""
    Notice.objects.filter(pk=notice.pk).update(hold_after=2)
    send_all(notice, sink)
    Notice.objects.filter(pk=notice.pk).update(hold_after=None, state="sending")
    notice.refresh_from_db()


@pytest.mark.parametrize("backed_up", ["published", "planned", "queued", "half sent"])
def test_the_drill_mails_nobody_twice(deployment: Deployment, smtp_sink: Sink, another: Any, backed_up: str) -> None:
    """Dump, go on sending, lose the machine; restore on a new one, whose folder is empty."""
    people(5)
    sweep(at=clock.now(), worker="test")
    version = told_version()
    if backed_up == "planned":
        planning.plan_due(at=clock.now())
    if backed_up in {"queued", "half sent"}:
        notice = open_notice(version)
    if backed_up == "half sent":
        part_of(notice, smtp_sink)
    ledger.append(kind="test", reference="1", body={}, at=clock.now())
    back_up()
    send_all(open_notice(version), smtp_sink)
    assert len(mails_of_notices(smtp_sink)) == 5
    restore()
    another()
    sweep(at=clock.now(), worker="new")
    assert "0 deliveries handled" in deployment.manage("run_deliveries", "--once")
    tasks.seal_ledger()
    maintenance.sign(at=clock.now())
    assert not Checkpoint.objects.exists()
    assert "no mark of this database" in str(health.look(at=clock.now()).problems)
    notice = Notice.objects.get(version=version)
    assert "manage.py adopt_marks" in page_of(notice)
    assert "Held: this machine has no mark of the database" in desk("/admin/")
    with pytest.raises(CommandError, match="no mark of this database"):
        call_command("audit_notice", notice.pk, stdout=io.StringIO())
    deployment.manage("confirm_restore", "--uncertain", "leave")
    deployment.manage("run_deliveries", "--once")
    assert len(mails_of_notices(smtp_sink)) == 5
    assert states(notice).get("queued") is None
    call_command("audit_notice", notice.pk, stdout=io.StringIO())


def test_without_workers_confirming_counts_what_was_not_even_planned(
    fresh_database: str, smtp_sink: Sink, another: Any
) -> None:
    people(5)
    sweep(at=clock.now(), worker="test")
    version = told_version()
    back_up()
    send_all(open_notice(version), smtp_sink)
    restore()
    another()
    call_command("confirm_restore", uncertain="leave", stdout=io.StringIO())
    send_all(Notice.objects.get(version=version), smtp_sink)
    assert len(mails_of_notices(smtp_sink)) == 5


def test_a_machine_that_joins_holds_itself_alone_until_it_adopts(
    deployment: Deployment, smtp_sink: Sink, another: Any, machine: Path, settings: Any
) -> None:
    people(6)
    notice = open_notice()
    part_of(notice, smtp_sink)
    another()
    second = sender(smtp_sink)
    assert second.send_due(at=clock.now()) == 0
    second.close()
    with pytest.raises(CommandError, match="No sender with marks was at work"):
        call_command("adopt_marks", within=1, stdout=io.StringIO())
    adopting = start_adopting(deployment)
    settings.HIGH_WATER_FOLDER = str(machine)
    while adopting.poll() is None:
        sweep(at=clock.now(), worker="first")
    assert (adopting.returncode, restore_guard.hold()) == (0, None)
    another()
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 6}
    assert len(mails_of_notices(smtp_sink)) == 6


def start_adopting(deployment: Deployment) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "adopt_marks", "--within", "60"]
    return subprocess.Popen(command, cwd=ROOT, env=deployment.environment, stdout=subprocess.DEVNULL)


def test_a_backup_of_just_now_vouches_for_nothing(fresh_database: str, another: Any) -> None:
    factories.make_version()
    open_notice()
    sweep(at=clock.now(), worker="test")
    another()
    with pytest.raises(CommandError, match="confirm_restore"):
        call_command("adopt_marks", within=0.1, stdout=io.StringIO())
    assert restore_guard.hold() is restore_guard.Hold.UNKNOWN


def test_a_mark_that_cannot_be_read_is_none(fresh_database: str, machine: Path) -> None:
    open_notice()
    restore_guard.keep()
    (mark,) = machine.glob("*.json")
    mark.write_text("{")
    restore_guard.keep()
    assert restore_guard.hold() is restore_guard.Hold.UNKNOWN
    assert mark.read_text() == "{"


def test_a_first_installation_just_works(fresh_database: str, smtp_sink: Sink) -> None:
    """Whatever comes first: a head that was signed, a notice, or a worker."""
    ledger.append(kind="test", reference="1", body={}, at=clock.now())
    maintenance.seal(at=clock.now())
    assert Checkpoint.objects.exists()
    people(1)
    notice = open_notice()
    sweep(at=clock.now(), worker="test")
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 1}


def test_a_site_where_nothing_was_ever_sent_needs_no_mark(fresh_database: str, another: Any) -> None:
    restore_guard.keep()
    another()
    assert restore_guard.hold() is None
