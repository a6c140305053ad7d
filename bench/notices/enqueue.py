"""
Freeze an audience of N and make its deliveries. `python -m bench.notices.enqueue N`

Beside it, INSERT ... SELECT into the table that Django itself makes of the model one would write by default: a serial
key, two foreign keys, one of each by constraint, a state to filter by, an address, two timestamps. Then the time of one
claim, of the progress page's counts, of the rehearsal before and of a look for late joiners.
"""

import json
import sys
import time
import uuid

import django

django.setup()

from django.db import connection, models  # noqa: E402

from bench.notices.audience import make_people, make_version  # noqa: E402
from policies import clock  # noqa: E402
from policies.models import Notice, Person  # noqa: E402
from policies.notices.plan import planning, rehearsal_by_person  # noqa: E402
from policies.notices.queue import claims, progress  # noqa: E402


class DefaultDelivery(models.Model):
    """As one writes it on the first day, without a thought of a million rows."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=10, default="mail")
    address = models.EmailField()
    status = models.CharField(max_length=10, default="queued", db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "policies"
        db_table = "default_delivery"
        constraints = [models.UniqueConstraint(fields=["notice", "person", "channel"], name="one_each")]


def main(count: int) -> None:
    make_people(count)
    version = make_version()
    planning.plan_due(at=clock.now())
    notice = version.notices.get()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE policies_person")
    with connection.schema_editor() as editor:
        editor.create_model(DefaultDelivery)
    rehearsal = timed(lambda: rehearsal_by_person.count(version.policy, at=clock.now()))
    ours = timed(lambda: planning.fan_out(notice=notice, at=clock.now()))
    theirs = timed(lambda: into_default_shape(notice))
    notice.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE policies_delivery")
    claims.claim(notice=notice, token=uuid.uuid4(), limit=200, at=clock.now())
    claim = timed(lambda: claims.claim(notice=notice, token=uuid.uuid4(), limit=200, at=clock.now()))
    counts = timed(lambda: progress.counts(notice))
    top_up = timed(lambda: planning.top_up(notice=notice, at=clock.now()))
    figures = {"ours": ours, "default": theirs, "claim": claim, "counts": counts}
    print(json.dumps({"people": count, **figures, "rehearsal": rehearsal, "top_up": top_up}))


def into_default_shape(notice: Notice) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO default_delivery"
            " (notice_id, person_id, channel, address, status, attempts, created_at, updated_at)"
            " SELECT %s, id, 'mail', address, 'queued', 0, now(), now() FROM policies_person",
            [notice.pk],
        )


def timed(step: object) -> float:
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(int(sys.argv[1]))
