"""
A database that was restored from a backup forgot what was sent since, and would send all of it again.

A high-water mark outside the database, in HIGH_WATER_FOLDER on storage that all workers share, knows better: how many
tries the record held, and how many leaves the newest checkpoint covered. A database that has fewer sends nothing until
an operator has looked (`manage.py confirm_restore`).
"""

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from policies.models import AuditEvent, Checkpoint, Delivery, DeliveryAttempt, JobSlot, Notice
from policies.notices import queue

INSTANCE = "instance "
HIGHEST_TRY = "highest try"


@dataclass(frozen=True)
class Mark:
    """How far the record had come: the highest try, and the size of the newest signed tree."""

    attempt: int = 0
    leaves: int = 0

    def is_behind(self, other: "Mark") -> bool:
        return self.attempt < other.attempt or self.leaves < other.leaves

    def or_higher(self, other: "Mark") -> "Mark":
        return Mark(max(self.attempt, other.attempt), max(self.leaves, other.leaves))


def is_restored() -> bool:
    """Whether this database knows less than the mark says was there."""
    return in_database().is_behind(outside())


def keep() -> None:
    """Raise the mark to what the database holds."""
    if _instance() is None:
        # Before anything is sent: the oldest backup already has the name under which the mark is kept.
        _new_instance()
    here, there = in_database(), outside()
    if there.is_behind(here):
        JobSlot.objects.update_or_create(name=HIGHEST_TRY, defaults={"last_slot": here.attempt})
        _write(here.or_higher(there))


def confirm(*, at: datetime) -> int:
    """
    Go on with the restored database. Whatever it believes to be waiting of notices begun before may have been sent:
    it becomes uncertain, and is sent again only by decision. Return how many that were.
    """
    settled = 0
    with transaction.atomic():
        for notice in Notice.objects.filter(frozen_at__isnull=False, frozen_at__lte=at):
            open_rows = Delivery.objects.filter(notice=notice, state__in=queue.OPEN)
            count = open_rows.update(state=Delivery.State.UNCERTAIN, claim_token=None, lease_until=None, finished_at=at)
            queue.tally(notice=notice, states={Delivery.State.UNCERTAIN: count} if count else {}, at=at)
            settled += count
        AuditEvent.record("restore.confirmed", by=None, at=at, uncertain=settled)
    _write(in_database())
    return settled


def in_database() -> Mark:
    # Tries are deleted when their time is over; what the highest one was stays known.
    known = JobSlot.objects.filter(name=HIGHEST_TRY).values_list("last_slot", flat=True).first() or 0
    attempt = max(DeliveryAttempt.objects.aggregate(last=Max("pk"))["last"] or 0, known)
    leaves = Checkpoint.objects.aggregate(last=Max("size"))["last"] or 0
    return Mark(attempt, leaves)


def outside() -> Mark:
    """The mark as it was last written; an unreadable one stops nothing by itself."""
    instance = _instance()
    if instance is None:
        return Mark()
    try:
        return Mark(**json.loads(_path(instance).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return Mark()


def _write(mark: Mark) -> None:
    path = _path(_instance() or _new_instance())
    path.parent.mkdir(parents=True, exist_ok=True)
    # Threads of a worker, and workers of other machines with the same number, write at the same time.
    draft = path.with_suffix(f".{uuid.uuid4().hex}")
    draft.write_text(json.dumps(asdict(mark)))
    draft.replace(path)


def _path(instance: str) -> Path:
    return Path(settings.HIGH_WATER_FOLDER) / f"{instance}.json"


def _instance() -> str | None:
    """This database's own name, made once. It is restored together with everything else."""
    slot = JobSlot.objects.filter(name__startswith=INSTANCE).order_by("pk").first()
    return slot.name.removeprefix(INSTANCE) if slot else None


def _new_instance() -> str:
    name = uuid.uuid4().hex
    JobSlot.objects.create(name=f"{INSTANCE}{name}")
    return name
