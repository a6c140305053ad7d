"""
Freeze an audience of N and make its deliveries. `python -m bench.notices.enqueue N`

Beside it, the same INSERT ... SELECT into a table as Django shapes it by default: a serial key, two foreign keys with
their indexes, a unique constraint. Then the time of one claim and of the progress page's counts.
"""

import json
import sys
import time
import uuid

import django

django.setup()

from django.db import connection  # noqa: E402

from bench.notices.audience import make_people, make_version  # noqa: E402
from policies import clock  # noqa: E402
from policies.models import Notice  # noqa: E402
from policies.notices import planning, progress, queue  # noqa: E402

DEFAULT_SHAPE = """
CREATE TABLE default_delivery (
    id bigserial PRIMARY KEY,
    state varchar(10) NOT NULL, channel smallint NOT NULL, attempts smallint NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    notice_id bigint NOT NULL REFERENCES policies_notice (id) DEFERRABLE INITIALLY DEFERRED,
    recipient_id bigint NOT NULL REFERENCES policies_person (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT one_each UNIQUE (notice_id, recipient_id, channel)
);
CREATE INDEX ON default_delivery (notice_id);
CREATE INDEX ON default_delivery (recipient_id);
"""


def main(count: int) -> None:
    make_people(count)
    version = make_version()
    planning.plan_due(at=clock.now())
    notice = version.notices.get()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE policies_person")
        cursor.execute(DEFAULT_SHAPE)
    ours = timed(lambda: planning.fan_out(notice=notice, at=clock.now()))
    theirs = timed(lambda: into_default_shape(notice))
    notice.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE policies_delivery")
    queue.claim(notice=notice, token=uuid.uuid4(), limit=200, at=clock.now())
    claim = timed(lambda: queue.claim(notice=notice, token=uuid.uuid4(), limit=200, at=clock.now()))
    counts = timed(lambda: progress.counts(notice))
    print(json.dumps({"people": count, "ours": ours, "default": theirs, "claim": claim, "counts": counts}))


def into_default_shape(notice: Notice) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO default_delivery (state, channel, attempts, next_attempt_at, notice_id, recipient_id)"
            " SELECT 'queued', 0, 0, now(), %s, id FROM policies_person",
            [notice.pk],
        )


def timed(step: object) -> float:
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(int(sys.argv[1]))
