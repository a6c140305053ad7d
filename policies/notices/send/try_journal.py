"""
The record of tries outside the database: after a restore it tells who was certainly sent nothing since the backup.

Beside the mark (`restore_guard`), in HIGH_WATER_FOLDER: a folder for each database, a file for each sender. Before the
first of a few mails goes out a line with all of them is on the disk, and the next line says how they ended. A machine
that loses its power so leaves `AHEAD` mails of each sender in doubt at most. Recipients stand there by their keys and
six digits of a hash, so that a key which is given anew after a restore is not taken for somebody else.
"""

import errno
import json
import os
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F

from policies.models import JobSlot, Notice
from policies.notices.write.recipients import Outgoing

# So many mails are written ahead at once: for more, one wait for the disk; for fewer, less doubt when all is lost.
AHEAD = 10
# Each folder of tries is known to the database, with the highest try when somebody last sent with it.
FOLDER = "tries in "
COVERAGE = "coverage.json"
# Counts the lines that were written ahead, in the database before it is outside: who is behind was restored.
WRITTEN = "lines of tries"
# Files that were written to in so many seconds before the newest count was noted, or later, may have a higher one.
RECENTLY = 60
LONGEST_LINE = 4096


class Fate(StrEnum):
    """What became of a mail, as far as it is known outside the database."""

    UNSENT = "unsent"
    ACCEPTED = "accepted"
    UNCERTAIN = "uncertain"


def folder(instance: str) -> Path:
    return Path(settings.HIGH_WATER_FOLDER) / f"{instance}.tries"


def keep(instance: str, *, attempt: int) -> None:
    """
    Say in the database that there is this folder, and in the folder that there are others: machines that do not share
    theirs know half of what was sent each. `attempt` is the highest try on record.
    """
    path = folder(instance) / COVERAGE
    known = read(path)
    if known is None:
        # What was tried before is not in it: a backup from before is none that it can tell anything of.
        known = {"folder": uuid.uuid4().hex, "since": attempt, "others": {}, "lines": 0}
        folder(instance).mkdir(parents=True, exist_ok=True)
        _write(path, known)
    JobSlot.objects.get_or_create(name=WRITTEN)
    JobSlot.objects.update_or_create(name=f"{FOLDER}{known['folder']}", defaults={"last_slot": attempt})
    others = folders()
    others.pop(known["folder"], None)
    newest = {**known, "others": others, "lines": max(known["lines"], _in_database())}
    if newest != known:
        _write(path, newest)


def is_behind(instance: str) -> bool:
    """Whether the database knows less of what was about to be sent than is written here."""
    return _outside(instance) > _in_database()


def catch_up(instance: str) -> None:
    """Count on from what is written here: a restored database that somebody has looked at is behind no more."""
    JobSlot.objects.get_or_create(name=WRITTEN)
    JobSlot.objects.filter(name=WRITTEN, last_slot__lt=_outside(instance)).update(last_slot=_outside(instance))


@dataclass
class Journal:
    """One sender's file. It is begun with the first mail and goes on for as long as the sender does."""

    _instance: str = ""
    _file: int | None = None

    def belongs_to(self, instance: str) -> None:
        """From here on, tries are of this database: another one may have been restored under the sender's feet."""
        if instance != self._instance:
            self.close()
            self._instance = instance

    def write(self, line: dict[str, Any]) -> None:
        """Add a line, and wait until it is on the disk."""
        if self._file is None:
            path = folder(self._instance) / f"{uuid.uuid4().hex}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        data = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        if os.write(self._file, data) < len(data):
            # Nothing is sent that could not be written down; the next line begins a file of its own.
            self.close()
            raise OSError(errno.ENOSPC, f"There is no space in {folder(self._instance)}.")
        os.fsync(self._file)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None


@dataclass
class Tries:
    """The tries of one batch: those that may go out now, and what is known of those before."""

    journal: Journal
    notice: Notice
    _open: set[str] = field(default_factory=set)
    _ended: dict[str, list[str]] = field(default_factory=dict)

    def ahead(self, waiting: Sequence[Outgoing], *, at: datetime) -> None:
        """Write down that the first of what waits, and some after it, may go out."""
        if waiting[0].mark in self._open:
            return
        may = [mail.mark for mail in islice(waiting, AHEAD)]
        self._open.update(may)
        JobSlot.objects.filter(name=WRITTEN).update(last_slot=F("last_slot") + 1)
        self._write(at, may=may)

    def ended(self, mail: Outgoing, fate: Fate) -> None:
        """Note how a mail ended that may have gone out."""
        if mail.mark in self._open:
            self._open.discard(mail.mark)
            if fate != Fate.UNCERTAIN:
                self._ended.setdefault(fate, []).append(mail.mark)

    def end(self, waiting: Sequence[Outgoing], *, at: datetime) -> None:
        """The batch is over: what still waits of it certainly did not go out."""
        for mail in waiting:
            self.ended(mail, Fate.UNSENT)
        if self._ended:
            self._write(at)

    def _write(self, at: datetime, **line: list[str]) -> None:
        about = {
            "line": _in_database(),
            "notice": identity(self.notice),
            "made": self.notice.created_at.isoformat(),
            "at": at.isoformat(),
        }
        self.journal.write({**about, **self._ended, **line})
        self._ended.clear()


def identity(notice: Notice) -> list[object]:
    """What tells a notice from all others, also in a history in which others were made in another order."""
    version = notice.version
    published = version.published_at.isoformat() if version.published_at else ""
    return [notice.version_id, published, notice.stream, notice.kind, notice.occasion]


def _in_database() -> int:
    return JobSlot.objects.filter(name=WRITTEN).values_list("last_slot", flat=True).first() or 0


def _outside(instance: str) -> int:
    """The highest count that is written here."""
    path = folder(instance) / COVERAGE
    known = read(path)
    if known is None:
        return 0
    since = path.stat().st_mtime - RECENTLY
    recent = [file for file in folder(instance).glob("*.jsonl") if file.stat().st_mtime >= since]
    noted: int = known["lines"]
    return max([noted, *map(_last_count, recent)])


def _last_count(path: Path) -> int:
    """That of the last line that is whole."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 2 * LONGEST_LINE, 0))
        whole = file.read().split(b"\n")[:-1]
    with suppress(ValueError, KeyError, IndexError):
        count: int = json.loads(whole[-1])["line"]
        return count
    return 0


def folders() -> dict[str, int]:
    """The folders that the database knows of, with the highest try when somebody last sent with each."""
    slots = JobSlot.objects.filter(name__startswith=FOLDER).values_list("name", "last_slot")
    return {name.removeprefix(FOLDER): last for name, last in slots}


def read(path: Path) -> dict[str, Any] | None:
    """What a file of these says; None where there is none that can be read."""
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return found


def _write(path: Path, known: dict[str, Any]) -> None:
    draft = path.with_suffix(f".{uuid.uuid4().hex}")
    draft.write_text(json.dumps(known))
    draft.replace(path)
