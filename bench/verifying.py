# ruff: noqa: E402 - Django has to be set up before its models are imported
"""
Measure "Verify everything" beside a loop that only reads the same rows and hashes them, in turns and in one run.

    make bench-verifying                         (on a PostgreSQL of its own)
    BENCH_ACTS=1000000 make bench-verifying

The loop is the peer: it takes what reading takes at all, by the same statements in the same batches.
"""

import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "policysite.settings")

from scripts.postgresql import SETTINGS, PostgreSQL


def measure_on_own_server() -> int:
    """Run this file again with the address of a server of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        server = PostgreSQL(folder, settings={**SETTINGS, "shared_buffers": "1GB", "work_mem": "32MB"})
        server.start()
        server.run_sql("CREATE DATABASE policysite OWNER policysite")
        try:
            environment = {**os.environ, "DATABASE_URL": server.url}
            return subprocess.run([sys.executable, __file__, *sys.argv[1:]], env=environment, check=False).returncode
        finally:
            server.stop()


if __name__ == "__main__" and "DATABASE_URL" not in os.environ:
    sys.exit(measure_on_own_server())

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction

from policies import acceptance, clock, evidence, ledger
from policies.evidence import sound_acts
from policies.models import Act, ActSubject, LedgerLeaf, Person, Standing, Version
from tests.evidence import world

ACTS = int(os.environ.get("BENCH_ACTS", "200000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
BATCH = 5_000


def fill() -> None:
    """A small world, and many acts more with the leaves they would have; one leaf in a hundred carries a body."""
    world.build(people_count=1)
    version = Version.objects.get(number=2)
    people = Person.objects.bulk_create([Person(external_id=f"p{n}", joined_at=world.START) for n in range(1_000)])
    at = clock.now()
    for start in range(0, ACTS, BATCH):
        acts = [
            Act(
                kind="agreed", version=version, language="en", text_sha256="0" * 64, manifest_sha256="1" * 64,
                subject_ref=uuid.uuid4(), method="form", strength="code", wording="I have read it and I agree.",
                locale="en", render_id=f"bench-{number}", client_time="2026-11-27T10:00:00+01:00[Europe/Berlin]",
                displayed_at=at, at=at + timedelta(microseconds=number),
            )
            for number in range(start, min(start + BATCH, ACTS))
        ]  # fmt: skip
        subjects = [
            ActSubject(subject_ref=act.subject_ref, person=people[n % 1_000], salt=os.urandom(32))
            for n, act in enumerate(acts)
        ]
        Act.objects.bulk_create(acts)
        ActSubject.objects.bulk_create(subjects)
        LedgerLeaf.objects.bulk_create(leaves_of(acts, subjects))
    for standing in Standing.objects.bulk_create([Standing(person=one, policy=version.policy) for one in people]):
        acceptance.rebuild_standing(standing)
    ledger.bind(at=at)
    ledger.seal_all(at=at + timedelta(days=1))


def leaves_of(acts: list[Act], subjects: list[ActSubject]) -> Iterator[LedgerLeaf]:
    for number, (act, subject) in enumerate(zip(acts, subjects, strict=True)):
        hashed = ledger.leaf_hash(ledger.canonical_json(ledger.act_record(act, subject)), salt=subject.salt)
        yield LedgerLeaf(kind="act", reference=act.subject_ref.hex, leaf_hash=hashed, at=act.at)
        if number % 100 == 0:
            reference = uuid.uuid4().hex
            body = ledger.canonical_json({"kind": "bench", "reference": reference, "at": ledger.instant(act.at)})
            yield LedgerLeaf(kind="bench", reference=reference, leaf_hash=ledger.leaf_hash(body), body=body, at=act.at)


def read_and_hash() -> None:
    """Read what verifying reads, by the same statements in the same batches, and hash all text in it: nothing else."""
    with transaction.atomic():
        for rows in (sound_acts.leaves(), sound_acts.acts(), sound_acts.subjects()):
            for row in rows:
                hashlib.sha256("".join([value for value in row if value.__class__ is str]).encode()).digest()


def taken(action: object) -> float:
    started = time.perf_counter()
    action()  # type: ignore[operator]
    return time.perf_counter() - started


def main() -> None:
    call_command("migrate", verbosity=0)
    fill()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    reports = []
    read_and_hash()
    pairs = [(taken(read_and_hash), taken(lambda: reports.append(evidence.verify()))) for _ in range(ROUNDS)]
    leaves = reports[0].leaves
    if not all(report.is_good for report in reports):
        sys.exit(f"What was made for this does not verify: {reports[0].findings[:3]}")
    alone, whole = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(f"{leaves:,} leaves, {ACTS:,} of them acts")
    print(f"read and hash alone     {alone:6.2f} s  {leaves / alone:10,.0f} leaves a second")
    print(f"verify everything       {whole:6.2f} s  {leaves / whole:10,.0f} leaves a second")
    print(f"verify / read and hash  {statistics.median(one / two for one, two in pairs):6.2f}   (goal: 0.60)")


if __name__ == "__main__":
    main()
