"""
A database that was restored from a backup forgot what was sent since, and would send all of it again.

A high-water mark outside the database, in HIGH_WATER_FOLDER on storage that all workers share, knows better: how many
tries the record held, and how many leaves the newest checkpoint covered. Where the database has fewer, or
there is no mark of it, nothing is sent until an operator has looked (`manage.py confirm_restore`, or `adopt_marks` on a
machine that joins).
"""

import json
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db.models import F, Max

from policies.models import AuditEvent, Checkpoint, DeliveryAttempt, JobSlot, Version
from policies.notices.send import try_journal

INSTANCE = "instance "
HIGHEST_TRY = "highest try"
# Counts how often senders that have the mark found it good.
VOUCHED = "vouched for by senders"
# Seconds between two looks at it.
ASK_EVERY = 0.5


@dataclass(frozen=True)
class Mark:
    """How far the record had come: the highest try, and the size of the newest signed tree."""

    attempt: int = 0
    leaves: int = 0

    def is_behind(self, other: "Mark") -> bool:
        return self.attempt < other.attempt or self.leaves < other.leaves

    def or_higher(self, other: "Mark") -> "Mark":
        return Mark(max(self.attempt, other.attempt), max(self.leaves, other.leaves))


class Hold(StrEnum):
    """Why nothing may be sent or signed from here."""

    RESTORED = "restored"
    UNKNOWN = "unknown"

    @property
    def sentence(self) -> str:
        """What it is, and what to do, for whoever runs the site."""
        return SENTENCES[self]


SENTENCES = {
    Hold.RESTORED: "This database was restored from a backup: look, then run manage.py confirm_restore.",
    Hold.UNKNOWN: (
        "There is no mark of this database in this machine's HIGH_WATER_FOLDER, so nothing is sent or signed from here."
        " If the database was restored: look, then run manage.py confirm_restore. If this machine joins others that"
        " send: run manage.py adopt_marks."
    ),
}


def hold() -> Hold | None:
    """
    Why nothing may be sent or signed from here; None where all is well.

    Where the database has a name, somebody sent from it, and left a mark: without one this is another machine, or the
    database has been brought to one. Only where there was nothing yet that could go out twice does it not matter.
    """
    here, there = in_database(), outside()
    if there is not None:
        is_behind = here.is_behind(there) or try_journal.is_behind(instance() or "")
        return Hold.RESTORED if is_behind else None
    has_begun = here != Mark() or Version.objects.published().exists()
    return Hold.UNKNOWN if has_begun and instance() is not None else None


def keep() -> str:
    """
    Raise the mark to what the database holds, and vouch for it to machines that join; where we hold, do neither.

    Returns the name under which the marks of this database are kept.
    """
    if hold():
        return instance() or ""
    if instance() is None:
        # Before anything is sent: the oldest backup already has the name under which the mark is kept.
        _new_instance()
    here, there = in_database(), outside()
    if there is None or there.is_behind(here):
        JobSlot.objects.update_or_create(name=HIGHEST_TRY, defaults={"last_slot": here.attempt})
        _write(here.or_higher(there or Mark()))
    name = instance() or _new_instance()
    try_journal.keep(name, attempt=here.attempt)
    JobSlot.objects.get_or_create(name=VOUCHED)
    JobSlot.objects.filter(name=VOUCHED).update(last_slot=F("last_slot") + 1)
    return name


def adopt(*, within: float, at: datetime) -> bool:
    """
    Take over what the database holds as the mark of this machine, once another sender has vouched for it; return
    whether one did within so many seconds. It has to happen now: what a backup says of that may be seconds old.
    """
    before, until = _vouched(), time.monotonic() + within
    while _vouched() == before:
        if time.monotonic() > until:
            return False
        time.sleep(ASK_EVERY)
    _write(in_database())
    AuditEvent.record("marks.adopted", by=None, at=at)
    return True


def note_confirmation(*, unsent: int, accepted: int, uncertain: int, sent_again: int, at: datetime) -> None:
    """Put on record that somebody looked, and how many deliveries were settled how."""
    AuditEvent.record(
        "restore.confirmed",
        by=None,
        at=at,
        unsent=unsent,
        accepted=accepted,
        uncertain=uncertain,
        sent_again=sent_again,
    )


def go_on() -> None:
    """Take what the database holds as the mark from here on: what it believed to be waiting is settled."""
    _write(in_database())
    try_journal.catch_up(instance() or "")


def in_database() -> Mark:
    # Tries are deleted when their time is over; what the highest one was stays known.
    known = JobSlot.objects.filter(name=HIGHEST_TRY).values_list("last_slot", flat=True).first() or 0
    attempt = max(DeliveryAttempt.objects.aggregate(last=Max("pk"))["last"] or 0, known)
    leaves = Checkpoint.objects.aggregate(last=Max("size"))["last"] or 0
    return Mark(attempt, leaves)


def outside() -> Mark | None:
    """The mark as it was last written; None where there is none of this database that can be read."""
    name = instance()
    if name is None:
        return None
    try:
        return Mark(**json.loads(_path(name).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _vouched() -> int:
    return JobSlot.objects.filter(name=VOUCHED).values_list("last_slot", flat=True).first() or 0


def _write(mark: Mark) -> None:
    path = _path(instance() or _new_instance())
    path.parent.mkdir(parents=True, exist_ok=True)
    # Threads of a worker, and workers of other machines with the same number, write at the same time.
    draft = path.with_suffix(f".{uuid.uuid4().hex}")
    draft.write_text(json.dumps(asdict(mark)))
    draft.replace(path)


def _path(instance: str) -> Path:
    return Path(settings.HIGH_WATER_FOLDER) / f"{instance}.json"


def instance() -> str | None:
    """This database's own name, made once. It is restored together with everything else."""
    slot = JobSlot.objects.filter(name__startswith=INSTANCE).order_by("pk").first()
    return slot.name.removeprefix(INSTANCE) if slot else None


def _new_instance() -> str:
    name = uuid.uuid4().hex
    JobSlot.objects.create(name=f"{INSTANCE}{name}")
    return name
