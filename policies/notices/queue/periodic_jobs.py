"""Jobs that run once in a while: of all the workers whose clock strikes, one runs them."""

from datetime import datetime, timedelta

from policies.models import JobSlot


def is_mine(name: str, *, every: timedelta, at: datetime) -> bool:
    """
    Take the present slot of a job; False where it was taken already.

    After a day without anybody the job runs once, not once for each slot that was missed.
    """
    slot = int(at.timestamp() // every.total_seconds())
    JobSlot.objects.get_or_create(name=name)
    return bool(JobSlot.objects.filter(name=name, last_slot__lt=slot).update(last_slot=slot))
