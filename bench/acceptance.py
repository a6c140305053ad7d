# ruff: noqa: E402 - Django has to be set up before its models are imported
"""
Measure the acceptance stage: the gate, answering, sealing, verifying and finding who has not answered.

    make bench-acceptance                        (on a PostgreSQL of its own)
    DATABASE_URL=postgres://... make bench-acceptance       (on that one; a database of its own is made and dropped)
    BENCH_PEOPLE=1000000 BENCH_ACTS=200000 make bench-acceptance
    make bench-acceptance ARGS="gate waiting"               (only these: gate size inserts answers ledger waiting)

All ratios are taken in one run on one machine; the figures of docs/measures.md come from it.
"""

import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from math import log
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "policysite.settings")

from scripts.postgresql import DURABLE, PostgreSQL


def measure_on_own_server() -> int:
    """Run this file again with the address of a server that keeps what it says it keeps: fsync is on."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o711)
        server = PostgreSQL(folder, settings={**DURABLE, "shared_buffers": "1GB", "work_mem": "32MB"})
        server.start()
        try:
            environment = {**os.environ, "DATABASE_URL": server.url}
            return subprocess.run([sys.executable, __file__, *sys.argv[1:]], env=environment, check=False).returncode
        finally:
            server.stop()


if __name__ == "__main__" and "DATABASE_URL" not in os.environ:
    sys.exit(measure_on_own_server())

import django
import psycopg

django.setup()

from django.core.management import call_command
from django.db import connection

from policies import acceptance, clock, ledger
from policies.acceptance import gate, waiting
from policies.ledger.tree import Growing
from policies.models import Acceptance, Act, Person, Policy, User, Version
from tests.acceptance.asking import BY_FORM, screen_of
from tests.factories import make_policy, make_version

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "1000000"))
ACTS = int(os.environ.get("BENCH_ACTS", "100000"))
NAME = "policysite_bench_acceptance"


def sql(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def timed(action: Callable[[], object], *, rounds: int = 5) -> float:
    """The median of some rounds, in seconds, after one to warm up."""
    action()
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def say(what: str, figure: str) -> None:
    print(f"{what:<62} {figure}", flush=True)


def cpu_per_call(action: Callable[[], object], *, calls: int) -> float:
    """Processor microseconds of this process for one call."""
    action()
    started = time.process_time()
    for _ in range(calls):
        action()
    return (time.process_time() - started) / calls * 1e6


def bench_gate(version: Version) -> None:
    user = User.objects.create_user("bench@example.org", name="Bench", person=Person.objects.first())
    acceptance.accept(person=user.person, version=version, showing=screen_of(version), how=BY_FORM, at=clock.now())
    door, session = gate.Gate(), {}
    door.look(session=session, user_id=user.pk, at=clock.now())

    def hot() -> object:
        return door.look(session=session, user_id=user.pk, at=clock.now()).blocking

    def cold() -> object:
        return door.look(session={}, user_id=user.pk, at=clock.now()).blocking

    def lookup() -> object:
        return sql("SELECT agreed_number FROM policies_standing WHERE person_id = %s AND policy_id = %s", 1, 1)

    say("gate, hot: CPU a request (with one query a second for all)", f"{cpu_per_call(hot, calls=200_000):.1f} us")
    say("gate, cold: CPU a request, one query", f"{cpu_per_call(cold, calls=3_000):.0f} us")
    say("  one indexed lookup by a raw cursor, for comparison", f"{cpu_per_call(lookup, calls=3_000):.0f} us")


def bench_answers(version: Version, people: list[Person], writers: int = 12) -> None:
    """
    Each writer is a process of its own, as in production, where it has answered before.

    Each one's first answer is left out: twelve that connect at once would by themselves be the slowest percent.
    """
    connection.close()
    started = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(writers) as pool:
        parts = pool.starmap(answer_all, [(version, people[i::writers]) for i in range(writers)])
    total = time.perf_counter() - started
    taken = sorted(seconds for part in parts for seconds in part)
    p50, p99 = taken[len(taken) // 2] * 1e3, taken[int(len(taken) * 0.99)] * 1e3
    say(f"accept, {writers} writers: p50, p99", f"{p50:.0f} ms, {p99:.0f} ms")
    say(f"accept, {writers} writers", f"{len(taken) / total:.0f} a second")


def answer_all(version: Version, people: list[Person]) -> list[float]:
    taken = []
    for person in people:
        showing = screen_of(version, render_id=f"bench-{person.pk}")
        started = time.perf_counter()
        acceptance.accept(person=person, version=version, showing=showing, how=BY_FORM, at=clock.now())
        taken.append(time.perf_counter() - started)
    connection.close()
    return taken[1:]


ACT = """INSERT INTO policies_act (kind, version_id, language, text_sha256, manifest_sha256, subject_ref, on_behalf,
    imported, method, strength, source, wording, locale, render_id, client_time, at, binding)
    VALUES ('displayed', %s, 'en', %s, %s, gen_random_uuid(), false, false, 'form', 'code', '', '', '', '', '',
    now(), 2)
    RETURNING subject_ref"""
LEAF = """INSERT INTO policies_ledgerleaf (kind, reference, leaf_hash, body, at)
    VALUES ('bench', gen_random_uuid()::text, %s, '', now())"""
CHAIN_LOCK = "SELECT pg_advisory_xact_lock(42)"
CHAIN_LAST = "SELECT leaf_hash FROM policies_ledgerleaf ORDER BY id DESC LIMIT 1"


def bench_inserts(version: Version, writers: int = 16, seconds: float = 4.0) -> None:
    """Rows a second of a bare act, of an act with its leaf, and of a chain in the transaction, in turns."""

    def work(kind: str, counts: list[int], stop: threading.Event) -> None:
        settings = connection.settings_dict
        with psycopg.connect(
            host=settings["HOST"],
            port=settings["PORT"],
            user=settings["USER"],
            password=settings["PASSWORD"],
            dbname=NAME,
        ) as own:
            done = 0
            while not stop.is_set():
                with own.transaction():
                    if kind == "chain":
                        own.execute(CHAIN_LOCK)
                        own.execute(CHAIN_LAST).fetchone()
                    own.execute(ACT, [version.pk, "0" * 64, "0" * 64])
                    if kind != "plain":
                        own.execute(LEAF, [os.urandom(32)])
                done += 1
            counts.append(done)

    rates: dict[str, list[float]] = {"plain": [], "leaf": [], "chain": []}
    for _ in range(3):
        for kind, found in rates.items():
            counts: list[int] = []
            stop = threading.Event()
            timer = threading.Timer(seconds, stop.set)
            timer.start()
            run([lambda kind=kind, counts=counts, stop=stop: work(kind, counts, stop)] * writers)
            found.append(sum(counts) / seconds)
    medians = {kind: statistics.median(found) for kind, found in rates.items()}
    for kind, rate in medians.items():
        say(f"insert, {writers} writers, {kind}", f"{rate:.0f} a second, {rate / medians['plain']:.2f} x plain")


def run(tasks: list[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def bench_ledger() -> None:
    ledger.seal_all(at=clock.now())
    sizes, taken = [ACTS // 10, ACTS // 3, ACTS], []
    for size in sizes:
        sql(
            "INSERT INTO policies_ledgerleaf (kind, reference, leaf_hash, body, at)"
            " SELECT 'bench', ref, sha256('\\x00'::bytea || convert_to(body, 'UTF8')), body, '2026-01-01T00:00:00Z'"
            ' FROM (SELECT ref, format(\'{"at":"2026-01-01T00:00:00.000000Z","kind":"bench","reference":"%%s"}\', ref)'
            " AS body FROM (SELECT gen_random_uuid()::text AS ref FROM generate_series(1, %s)) n) made",
            size,
        )
        started = time.perf_counter()
        ledger.seal_all(at=clock.now())
        taken.append(time.perf_counter() - started)
    for size, seconds in zip(sizes, taken, strict=True):
        say(f"seal {size:,} leaves that wait", f"{seconds:.2f} s, {size / seconds:,.0f} a second")
    say("  growth exponent", f"{exponent(sizes, taken):.2f}")
    hashes = [bytes([n % 256]) * 32 for n in range(200_000)]

    def grow() -> None:
        tree = Growing()
        for value in hashes:
            tree.add(value)

    seconds = timed(grow, rounds=3)
    say("verify, the tree alone, in Python", f"{len(hashes) / seconds:,.0f} leaves a second")


def exponent(sizes: list[int], taken: list[float]) -> float:
    return (log(taken[-1]) - log(taken[0])) / (log(sizes[-1]) - log(sizes[0]))


def bench_waiting(policy: Policy, version: Version) -> None:
    """Who of PEOPLE has not agreed: over the standings, and by searching a table of acts with persons in it."""
    sql(
        "INSERT INTO policies_standing (person_id, policy_id, agreed_number, declined_number, waived_number)"
        " SELECT id, %s, CASE WHEN id %% 6 = 0 THEN 0 ELSE %s END, 0, 0 FROM policies_person ON CONFLICT DO NOTHING",
        policy.pk,
        version.number,
    )
    sql("CREATE UNLOGGED TABLE bench_acts (person_id bigint, version_id bigint, UNIQUE (person_id, version_id))")
    sql(
        "INSERT INTO bench_acts SELECT person_id, %s FROM policies_standing WHERE policy_id = %s AND agreed_number > 0",
        version.pk,
        policy.pk,
    )
    connection.set_autocommit(True)
    compare_waiting(version, "nobody left or let off")
    sql("UPDATE policies_person SET closed_at = now() WHERE id %% 1000 = 6")
    sql("UPDATE policies_standing SET waived_number = %s WHERE person_id %% 10000 = 12", version.number)
    compare_waiting(version, "1 in 1,000 left, 1 in 10,000 let off")


def compare_waiting(version: Version, who: str) -> None:
    """In turns, so that a machine which slows down slows both."""
    sql("VACUUM ANALYZE policies_standing, policies_person, bench_acts")
    anti = (
        "SELECT count(*) FROM policies_person p WHERE NOT EXISTS"
        " (SELECT 1 FROM bench_acts a WHERE a.person_id = p.id AND a.version_id = %s)"
    )
    gone = (
        " AND p.closed_at IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM policies_standing s WHERE s.person_id = p.id AND s.policy_id = %s AND s.waived_number > 0)"
    )
    if sql(anti + gone, version.pk, version.policy_id)[0][0] != waiting.count(version):
        raise ValueError("The two ways do not agree.")
    # The search that knows nobody who left and nobody let off is the cheaper one: it is what the count is held against.
    turns = [
        (timed(lambda: sql(anti, version.pk), rounds=1), timed(lambda: waiting.count(version), rounds=1))
        for _ in range(9)
    ]
    searching, counting = (statistics.median(taken) for taken in zip(*turns, strict=True))
    say(f"who of {PEOPLE:,} has not accepted, {who}: NOT EXISTS", f"{searching * 1e3:.0f} ms")
    say(
        f"  over the standings ({waiting.count(version):,} people)",
        f"{counting * 1e3:.1f} ms, {searching / counting:.0f} x faster",
    )
    middle = waiting.Place(0, PEOPLE // 2)
    say("  a page of 1,000", f"{timed(lambda: waiting.page(version, after=middle), rounds=20) * 1e3:.2f} ms")


def bench_size(version: Version) -> None:
    """Bytes an act, all in, lean and with the fields that the evidence adds."""

    def measure(**fields: object) -> float:
        before = sql("SELECT pg_total_relation_size('policies_act')")[0][0]
        count = 50_000
        Act.objects.bulk_create(
            (
                Act(
                    kind="displayed",
                    version=version,
                    language="en",
                    method="form",
                    strength="code",
                    at=clock.now(),
                    **fields,
                )
                for _ in range(count)
            ),
            batch_size=5_000,
        )
        return (sql("SELECT pg_total_relation_size('policies_act')")[0][0] - before) / count

    say("an act, lean, with its indexes", f"{measure():.0f} bytes")
    full = {
        "text_sha256": "0" * 64,
        "manifest_sha256": "0" * 64,
        "wording": "w" * 160,
        "displayed_at": clock.now(),
        "locale": "en",
    }
    say("  with both fingerprints, the wording and when it was shown", f"{measure(**full):.0f} bytes")


def main() -> None:
    at = clock.now()
    policy = make_policy(acceptance=Acceptance.EXPLICIT)
    version = make_version(policy, acceptance=Acceptance.EXPLICIT, published_at=at - timedelta(days=2))
    sql(
        "INSERT INTO policies_person (external_id, name, address, language, audiences, joined_at, legal_hold)"
        " SELECT 'p' || n, '', '', 'en', '', now() - interval '1 day', false FROM generate_series(1, %s) n",
        PEOPLE,
    )
    sql("ANALYZE")
    say("PostgreSQL", str(sql("SHOW server_version")[0][0]))
    parts: dict[str, Callable[[], None]] = {
        "gate": lambda: bench_gate(version),
        "size": lambda: bench_size(version),
        "inserts": lambda: bench_inserts(version),
        "answers": lambda: bench_answers(version, list(Person.objects.order_by("-pk")[:1200])),
        "ledger": bench_ledger,
        "waiting": lambda: bench_waiting(policy, version),
    }
    for name in sys.argv[1:] or parts:
        parts[name]()


if __name__ == "__main__":
    if connection.vendor != "postgresql":
        sys.exit("This needs PostgreSQL: set DATABASE_URL.")
    with connection._nodb_cursor() as cursor:  # noqa: SLF001 - as Django's own test runner does
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME}")
        cursor.execute(f"CREATE DATABASE {NAME}")
    connection.close()
    connection.settings_dict["NAME"] = NAME
    call_command("migrate", verbosity=0)
    try:
        main()
    finally:
        connection.close()
        with connection._nodb_cursor() as cursor:  # noqa: SLF001 - as Django's own test runner does
            cursor.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
