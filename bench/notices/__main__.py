"""
`make bench-notices`: our sender beside its peers, on the same PostgreSQL and the same mail server, in one run.

The peers get an environment of their own below var/. PEOPLE=100000 makes the large runs smaller than a million.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from policysite.running import processes
from scripts.postgresql import PostgreSQL

ROOT = Path(__file__).parents[2]
PEERS = {"post_office": "django-post-office", "mailer": "django-mailer"}
LARGE = int(os.environ.get("PEOPLE", "1000000"))
MAILS = int(os.environ.get("MAILS", "20000"))
PEER_MAILS = 3000


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir="/tmp"))
    folder.chmod(0o711)
    server = PostgreSQL(folder)
    started = []
    try:
        server.start()
        port = sink(folder, started)
        sending(server, port)
        over_a_link(server, sink(folder, started, delay=0.02))
        enqueueing(server)
    finally:
        for process in started:
            processes.stop(process)
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def sink(folder: Path, started: list, delay: float = 0) -> int:
    port, log = processes.free_port(), folder / "sink.log"
    command = [sys.executable, "-m", "bench.notices.sink", str(port), str(delay)]
    started.append(processes.start(command, log=log, folder=ROOT))
    processes.wait_until(lambda: processes.answers(port), process=started[-1], log=log, name="The sink")
    return port


def sending(server: PostgreSQL, port: int) -> None:
    mail = {"EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    for at_once in ("1", "5", "50"):
        row = ours(server, MAILS, {**mail, "NOTICE_INTENTIONS_AT_ONCE": at_once})
        tell(f"ours, {at_once} intention(s) a commit", row)
    for name in PEERS:
        tell(name, peer(name, server, mail))
    for people in (LARGE // 100, LARGE):
        memory = ours(server, LARGE // 100, mail, people=people)["megabytes"]
        print(f"memory of a worker, {LARGE // 100:,} of {people:,} people sent to: {memory:.0f} MB", flush=True)


def tell(name: str, row: dict) -> None:
    pace, speed = row["mails"] / row["cpu"], row["mails"] / row["wall"]
    print(f"{name}: {pace:,.0f} mails per CPU second, {speed:,.0f} a second, {row['megabytes']:.0f} MB", flush=True)


def over_a_link(server: PostgreSQL, port: int) -> None:
    row = run(server, ["-m", "bench.notices.link", str(port)], {})
    print(
        f"one connection, 20 ms round trip: {row['ours']:.1f} a second, smtplib {row['smtplib']:.1f}:"
        f" {row['ours'] / row['smtplib']:.2f} x"
    )


def enqueueing(server: PostgreSQL) -> None:
    for people in (LARGE // 100, LARGE // 10, LARGE):
        row = run(server, ["-m", "bench.notices.enqueue", str(people)], {})
        ratio, claim, counts = row["default"] / row["ours"], 1000 * row["claim"], 1000 * row["counts"]
        print(
            f"enqueue {people:,}: {row['ours']:.2f} s; default shape {row['default']:.2f} s: {ratio:.1f} x", flush=True
        )
        print(f"  claim of 200: {claim:.1f} ms; counts of the progress page: {counts:.1f} ms", flush=True)
        print(f"  rehearsal: {row['rehearsal']:.2f} s; a look for late joiners: {row['top_up']:.2f} s", flush=True)


def ours(server: PostgreSQL, mails: int, environment: dict, *, people: int = 0) -> dict:
    return run(server, ["-m", "bench.notices.ours", str(people or mails), str(mails)], environment)


def run(server: PostgreSQL, arguments: list, environment: dict) -> dict:
    """Run one measurement on a new, migrated database."""
    own = {**os.environ, "POLICYSITE_DEMO": "1", "SITE_URL": "http://127.0.0.1:8000", "LOG_LEVEL": "ERROR"}
    own |= {"DATABASE_URL": new_database(server), "DJANGO_SETTINGS_MODULE": "policysite.settings", **environment}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=own, check=True)
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=own, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def peer(name: str, server: PostgreSQL, environment: dict) -> dict:
    python = peers_environment() / "bin" / "python"
    own = {**os.environ, **environment, "DATABASE_URL": new_database(server)}
    command = [python, Path(__file__).with_name("peers.py"), name, str(PEER_MAILS)]
    done = subprocess.run(command, env=own, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def peers_environment() -> Path:
    folder = ROOT / "var" / "bench-peers"
    if not (folder / "bin").exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "-q", folder], check=True)
        subprocess.run(
            [
                *uv,
                "pip",
                "install",
                "-q",
                "-p",
                folder / "bin" / "python",
                "django<5.3",
                "psycopg[binary]",
                *PEERS.values(),
            ],
            check=True,
        )
    return folder


def new_database(server: PostgreSQL) -> str:
    name = f"bench_{time.monotonic_ns()}"
    with server.connect() as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER policysite".encode())
    return server.url.rsplit("/", 1)[0] + f"/{name}"


if __name__ == "__main__":
    main()
