"""
Measure what a small site takes of memory: proportional set size, by which what processes share counts once in all.

    make bench-memory                                     (SQLite; two minutes)
    DATABASE_URL=postgres://... make bench-memory         (an empty database of your own; without the notice)

It makes a home, runs `policysite all`, waits, reads some pages, waits again, and prints the sum and each process; then
once more over the demo's people, after a notice to all of them. It needs Linux (/proc).
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from policysite.environment import table
from policysite.running import home, processes

ROOT = Path(__file__).resolve().parent.parent
RESTS = 15
PAGES = ("/", "/sign-in/login/code/", "/api/v1/openapi.json", "/health/", "/admin/")
ROUNDS = 20
# Who sends the demo's notices.
LEGAL = b"<legal@northwind.example>"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="policysite-memory-") as name:
        folder = Path(name)
        with small_site(folder / "empty") as (site, url):
            time.sleep(RESTS)
            tell("at rest", site.pid)
            for page in PAGES * ROUNDS:
                urllib.request.urlopen(f"{url}{page}").close()  # noqa: S310 - our own server
            time.sleep(RESTS)
            tell(f"after {len(PAGES) * ROUNDS} pages", site.pid)
        if os.environ.get("DATABASE_URL"):
            return 0  # the one database that was named is not empty any more
        with mail_server(folder / "mailbox") as (mailbox, mail), small_site(folder / "telling", **mail) as (site, _url):
            sent = wait_for_the_notice(mailbox)
            time.sleep(RESTS)
            tell(f"after a notice to {sent} people", site.pid)
    return 0


@contextmanager
def small_site(folder: Path, **given: str) -> Iterator[tuple[processes.Process, str]]:
    """`policysite all` over a new home; with a mail server, over the demo's people, whom a notice waits for."""
    port = processes.free_port()
    given |= {"STATIC_ROOT": f"{folder}-static", "SITE_URL": f"http://127.0.0.1:{port}"}
    if url := os.environ.get("DATABASE_URL"):
        given["DATABASE_URL"] = url
    home.make(folder, [f"{key}={value}" for key, value in given.items()])
    ours = {setting.name for setting in table.SETTINGS}
    environment = {key: value for key, value in os.environ.items() if key not in ours}
    command = [sys.executable, "-m", "policysite", "--home", str(folder)]
    for verb in (["migrate"], ["collectstatic", "--no-input"]):
        subprocess.run([*command, *verb, "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
    if "EMAIL_URL" in given:
        demo = {**environment, **home.settings(folder), "POLICYSITE_DEMO": "1"}
        subprocess.run([*command, "load_demo"], cwd=ROOT, env=demo, check=True)
    log = folder.with_suffix(".txt")
    site = processes.start([*command, "all", "--port", port], log=log, environment=environment, folder=ROOT)
    try:
        processes.wait_until(
            lambda: "policysite is ready" in log.read_text(), process=site, log=log, name="policysite all", within=120
        )
        yield site, f"http://127.0.0.1:{port}"
    finally:
        processes.stop(site)


@contextmanager
def mail_server(folder: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """The demo's, which keeps every mail in a folder; that folder, and the settings of a site that sends there."""
    folder.mkdir()
    port, log = processes.free_port(), folder.with_suffix(".txt")
    command = [sys.executable, "-m", "policysite.running.mailbox", "--port", port, "--folder", folder]
    server = processes.start(command, log=log, folder=ROOT)
    try:
        processes.wait_until(lambda: processes.answers(port), process=server, log=log, name="the mail server")
        yield (
            folder,
            {
                "EMAIL_URL": f"smtp://127.0.0.1:{port}",
                "NOTICE_RATE_PER_MINUTE": "60000",
                # They are part of every mail on record.
                "ORGANIZATION": "Northwind Audio",
                "MAIL_DOMAIN": "northwind.example",
            },
        )
    finally:
        processes.stop(server)


def wait_for_the_notice(mailbox: Path) -> int:
    """Wait until no mail came for a while; returns how many of the notice did."""
    sent, before = 0, -1
    while not sent or sent != before:
        time.sleep(RESTS)
        before, sent = sent, sum(LEGAL in path.read_bytes() for path in mailbox.glob("*.eml"))
    return sent


def tell(when: str, pid: int) -> None:
    found = [(proportional(each), said(each)) for each in tree(pid)]
    print(f"{when}: {sum(size for size, _said in found):.0f} MB")
    for size, command in found:
        print(f"  {size:6.1f} MB  {command}")


def tree(pid: int) -> list[int]:
    """A process and everything that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in tree(int(child)))]


def proportional(pid: int) -> float:
    """In MB, of a million bytes each."""
    found = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else 0


def said(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return " ".join(words[1:])[:70]


if __name__ == "__main__":
    sys.exit(main())
