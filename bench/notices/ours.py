"""
One worker sends with the full protocol and record. `python -m bench.notices.ours PEOPLE [MAILS]`

With MAILS it stops after so many: the rest of the audience waits in the queue.

Prints mails, CPU seconds of this process, wall seconds, and the memory it needed.
"""

import json
import resource
import sys
import time

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from bench.notices.audience import make_people, make_version  # noqa: E402
from policies import clock  # noqa: E402
from policies.models import Delivery  # noqa: E402
from policies.notices.plan import planning  # noqa: E402
from policies.notices.send import sending  # noqa: E402


def main(people: int, mails: int) -> None:
    make_people(people)
    version = make_version()
    planning.plan_due(at=clock.now())
    notice = planning.fan_out(notice=version.notices.get(), at=clock.now())
    # What the planner of the database knows decides how it claims.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    settings.NOTICE_RATE_PER_MINUTE = 60_000_000
    type(notice).objects.filter(pk=notice.pk).update(rate_per_minute=60_000_000)
    sender = sending.Sender(carrier=sending.carrier_from_settings())
    cpu, wall, sent = time.process_time(), time.perf_counter(), 0
    while sent < mails and (done := sender.send_due(at=clock.now())):
        sent += done
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    assert Delivery.objects.filter(notice=notice, state="accepted").count() == sent >= mails  # noqa: S101
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"mails": sent, "cpu": cpu, "wall": wall, "megabytes": memory}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[-1]))
