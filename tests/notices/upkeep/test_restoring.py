"""What became of each delivery since the backup, as far as it is written down outside the database."""

import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policies import clock
from policies.models import AuditEvent, Delivery, Notice, Person
from policies.notices.plan import planning
from policies.notices.report import notice_audit
from policies.notices.send import restore_guard, try_journal
from policies.notices.send.try_journal import Fate, Journal
from policies.notices.upkeep import restoring
from policies.notices.upkeep.sweep import sweep
from tests.chaos.evidence import kept_by
from tests.chaos.test_restored import back_up, restore
from tests.notices.telling import open_notice, people, send_all, sender, states, told_version
from tests.smtp_sink import Fault, Sink

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def marks(settings: Any, tmp_path: Path, fresh_database: str) -> Path:
    """The folder of marks, which is not restored with the database."""
    settings.HIGH_WATER_FOLDER = str(tmp_path / "marks")
    return tmp_path / "marks"


def started(count: int) -> Notice:
    """A notice whose audience is frozen, on a site that sent from here before."""
    people(count)
    sweep(at=clock.now(), worker="test")
    return open_notice()


def part_of(notice: Notice, sink: Sink, count: int) -> None:
    """Send so many more."""
    ended = notice.deliveries.exclude(state="queued").count()
    Notice.objects.filter(pk=notice.pk).update(hold_after=ended + count)
    send_all(notice, sink)
    Notice.objects.filter(pk=notice.pk).update(hold_after=None, state="sending")
    notice.refresh_from_db()
    # The sender may be idle from here on; whoever sweeps raises the mark.
    restore_guard.keep()


def killed_at(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender is gone when it is about to write down the answer to its mail of this number."""
    asked = iter(range(1, 1000))
    ended = try_journal.Tries.ended

    def end(self: try_journal.Tries, *arguments: Any) -> None:
        if next(asked) >= number:
            raise KilledError
        ended(self, *arguments)

    monkeypatch.setattr(try_journal.Tries, "ended", end)


class KilledError(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


def confirmed(**options: Any) -> str:
    said = io.StringIO()
    call_command("confirm_restore", stdout=said, **options)
    return said.getvalue()


def copies(sink: Sink) -> list[int]:
    """How many mails everybody got."""
    return [len(found) for found in kept_by(sink).copies.values()]


def test_what_was_not_sent_goes_on_and_what_was_counts(smtp_sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = started(60)
    part_of(notice, smtp_sink, 5)
    back_up()
    part_of(notice, smtp_sink, 7)
    with monkeypatch.context() as patch:
        killed_at(4, patch)
        hands = sender(smtp_sink)
        with pytest.raises(KilledError):
            hands.send_due(at=clock.now())
        hands.carrier.drop()
    restore()
    assert states(notice) == {"accepted": 5, "queued": 55}
    said = confirmed(uncertain="leave")
    # Ten were written ahead: three have an answer that was not written down yet, one has none, six were never begun.
    assert "In all: 38 certainly unsent, 7 taken by the mail server since the backup, 10 uncertain." in said
    send_all(notice, smtp_sink)
    assert states(notice) == {"accepted": 50, "uncertain": 10}
    assert copies(smtp_sink) == [1] * 54
    assert notice_audit.check(notice, kept=kept_by(smtp_sink)) == []
    event = AuditEvent.objects.get(verb="restore.confirmed")
    assert event.data == {"unsent": 38, "accepted": 7, "uncertain": 10, "sent_again": 0}


def test_what_is_uncertain_is_asked_about_and_nothing_is_settled_meanwhile(smtp_sink: Sink, tmp_path: Path) -> None:
    notice = started(3)
    back_up()
    send_all(notice, smtp_sink)
    restore()
    shutil.rmtree(tmp_path / "marks")
    with pytest.raises(CommandError, match="--uncertain leave or --uncertain send"):
        confirmed()
    assert states(notice) == {"queued": 3}
    assert "nothing was settled" in confirmed(list=str(tmp_path / "list.csv"))
    listed = (tmp_path / "list.csv").read_text().splitlines()
    assert len(listed) == 4
    assert all(person.address in " ".join(listed) for person in Person.objects.all())
    assert restore_guard.hold() is restore_guard.Hold.UNKNOWN
    assert "3 deliveries were uncertain and are sent again" in confirmed(uncertain="send")
    send_all(notice, smtp_sink)
    assert copies(smtp_sink) == [2] * 3
    # The record explains the second copies. What the first ones were dated is lost: they differ in it, unless a fast
    # machine sent both within a second.
    assert {found.invariant for found in notice_audit.check(notice, kept=kept_by(smtp_sink))} <= {"I4"}


def test_what_the_server_put_off_or_refused_was_certainly_not_taken(smtp_sink: Sink) -> None:
    notice = started(6)
    back_up()
    smtp_sink.misbehave(
        Fault(at="dot", reply="451 4.3.0 Try again", times=2), Fault(at="rcpt", reply="452 4.2.2 Full", times=1)
    )
    send_all(notice, smtp_sink)
    restore_guard.keep()
    restore()
    found = restoring.look(at=clock.now())
    assert (found.count(Fate.UNSENT), found.count(Fate.ACCEPTED), found.count(Fate.UNCERTAIN)) == (3, 3, 0)


def test_a_mail_without_an_answer_is_uncertain(smtp_sink: Sink) -> None:
    notice = started(2)
    back_up()
    smtp_sink.misbehave(Fault(at="reply", drop=True, times=1))
    send_all(notice, smtp_sink)
    restore_guard.keep()
    restore()
    found = restoring.look(at=clock.now())
    assert (found.count(Fate.ACCEPTED), found.count(Fate.UNCERTAIN)) == (1, 1)


def test_a_notice_that_was_planned_after_the_backup_is_known_by_what_it_is_about(smtp_sink: Sink) -> None:
    """Planned again it may have another number, and somebody else's."""
    people(3)
    sweep(at=clock.now(), worker="test")
    first, second = told_version(), told_version()
    back_up()
    planning.plan_due(at=clock.now())
    (of_first,) = Notice.objects.filter(version=first)
    send_all(open_notice(first), smtp_sink)
    restore_guard.keep()
    restore()
    # In this history the other one comes first.
    made = {"stream": "legal", "rate_per_minute": 6000, "created_at": clock.now(), "frozen_at": clock.now()}
    assert Notice.objects.create(version=second, **made).pk == of_first.pk
    confirmed(uncertain="leave")
    assert states(Notice.objects.get(version=first)) == {"accepted": 3}
    assert states(Notice.objects.get(version=second)) == {"queued": 3}
    assert Notice.objects.get(version=first).begun_at is not None
    assert Notice.objects.get(version=second).begun_at is None


def test_a_key_that_was_given_anew_is_nobody_that_was_told(smtp_sink: Sink) -> None:
    notice = started(2)
    back_up()
    people(1)
    planning.top_up_all(at=clock.now())
    send_all(notice, smtp_sink)
    restore_guard.keep()
    lost = Person.objects.latest("pk")
    restore()
    Person.objects.filter(pk__gte=lost.pk).delete()
    other = Person.objects.create(pk=lost.pk, external_id="other", address="other@example.org", joined_at=clock.now())
    found = restoring.look(at=clock.now())
    assert found.uncertain == [Delivery.key(notice.pk, other.pk, 0)]


def test_what_was_sent_right_after_the_backup_is_noticed(smtp_sink: Sink) -> None:
    """The mark is raised every few seconds; what is about to go out is written down before it does."""
    notice = started(3)
    hands = sender(smtp_sink)
    Notice.objects.filter(pk=notice.pk).update(hold_after=1)
    assert hands.send_due(at=clock.now()) == 1
    Notice.objects.filter(pk=notice.pk).update(hold_after=None, state="sending")
    back_up()
    assert hands.send_due(at=clock.now()) == 2
    hands.close()
    restore()
    assert restore_guard.hold() is restore_guard.Hold.RESTORED
    confirmed()
    assert restore_guard.hold() is None
    send_all(notice, smtp_sink)
    assert copies(smtp_sink) == [1] * 3


def without_the_record(marks: Path) -> None:
    for folder in marks.glob("*.tries"):
        shutil.rmtree(folder)


def of_later(marks: Path) -> None:
    without_the_record(marks)
    try_journal.keep(str(restore_guard.instance()), attempt=100)


def with_a_broken_line(marks: Path) -> None:
    (file,) = marks.glob("*.tries/*.jsonl")
    file.write_bytes(b"{\n" + file.read_bytes())


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (without_the_record, "there is no record of tries"),
        (of_later, "the backup is older than the record"),
        (with_a_broken_line, "cannot be read"),
    ],
)
def test_a_record_that_does_not_tell_all_tells_nothing(
    happens: Callable[[Path], None], why: str, marks: Path, smtp_sink: Sink
) -> None:
    notice = started(4)
    back_up()
    part_of(notice, smtp_sink, 2)
    restore()
    happens(marks)
    found = restoring.look(at=clock.now())
    assert why in found.gap
    assert (found.count(Fate.UNSENT), found.count(Fate.UNCERTAIN)) == (0, 4)


def test_machines_with_folders_of_their_own_each_know_half(settings: Any, tmp_path: Path, smtp_sink: Sink) -> None:
    notice = started(4)
    back_up()
    part_of(notice, smtp_sink, 1)
    settings.HIGH_WATER_FOLDER = str(tmp_path / "other")
    restore_guard.go_on()
    part_of(notice, smtp_sink, 1)
    settings.HIGH_WATER_FOLDER = str(tmp_path / "marks")
    restore_guard.keep()
    restore()
    assert "HIGH_WATER_FOLDER of their own" in restoring.look(at=clock.now()).gap


def test_a_line_that_was_cut_off_had_nothing_sent(marks: Path, smtp_sink: Sink) -> None:
    notice = started(4)
    back_up()
    part_of(notice, smtp_sink, 1)
    restore()
    (file,) = marks.glob("*.tries/*.jsonl")
    with file.open("ab") as journal:
        journal.write(b'{"notice":[1,"')
    assert restoring.look(at=clock.now()).count(Fate.UNSENT) == 3


def test_nothing_goes_out_that_could_not_be_written_down(smtp_sink: Sink) -> None:
    notice = started(3)
    hands = sender(smtp_sink)
    hands._journal = Journal(str(restore_guard.instance()), os.open("/dev/full", os.O_WRONLY))
    with pytest.raises(OSError, match="No space left"):
        hands.send_due(at=clock.now())
    hands.close()
    assert not smtp_sink.messages
    assert "accepted" not in states(notice)
