"""
How long tries are kept. How a delivery ended stays on the record; tries that only led to another one need not.

A try that a mail server accepted, one whose end is uncertain, and the last one of each delivery say what became of it:
certificates and evidence rest on them, and nothing deletes them.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from policies import ledger
from policies.models import DeliveryAttempt
from policies.models.guards import ATTEMPTS_KEPT_DAYS
from policies.notices.returns.replies import Verdict

# The guard goes by the database's clock, and this by the caller's: a day apart, they cannot disagree.
KEPT = timedelta(days=ATTEMPTS_KEPT_DAYS + 1)
AT_ONCE = 5_000


def forget_tries(*, at: datetime, dry_run: bool = False) -> int:
    """Delete tries that another one followed and that ended half a year before `at`; return how many."""
    if dry_run:
        return _spent(at).count()
    forgotten = 0
    while ids := list(_spent(at).values_list("pk", flat=True)[:AT_ONCE]):
        spent = DeliveryAttempt.objects.filter(pk__in=ids)
        with transaction.atomic():
            ledger.release(spent, at=at)
            forgotten += spent.delete()[0]
    return forgotten


def _spent(at: datetime) -> QuerySet[DeliveryAttempt]:
    later = DeliveryAttempt.objects.filter(delivery_id=OuterRef("delivery_id"), pk__gt=OuterRef("pk"))
    ended = DeliveryAttempt.objects.filter(Exists(later), ended_at__lt=at - KEPT)
    return ended.exclude(outcome__in=[Verdict.ACCEPTED, Verdict.UNCERTAIN]).order_by("pk")
