"""
Measure what a small site takes of memory: proportional set size, by which what processes share counts once in all.

    make bench-memory                                     (SQLite; half a minute)
    DATABASE_URL=postgres://... make bench-memory         (an empty database of your own)

It makes a home, runs `policysite all`, waits, reads some pages, waits again, and prints the sum and each process. It
needs Linux (/proc).
"""

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from policysite.environment import table
from policysite.running import home, processes

ROOT = Path(__file__).resolve().parent.parent
RESTS = 15
PAGES = ("/", "/sign-in/login/code/", "/api/v1/openapi.json", "/health/", "/admin/")
ROUNDS = 20


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="policysite-memory-") as name:
        folder, port = Path(name) / "home", processes.free_port()
        given = {"STATIC_ROOT": f"{name}/static", "SITE_URL": f"http://127.0.0.1:{port}"}
        if url := os.environ.get("DATABASE_URL"):
            given["DATABASE_URL"] = url
        home.make(folder, [f"{key}={value}" for key, value in given.items()])
        ours = {setting.name for setting in table.SETTINGS}
        environment = {key: value for key, value in os.environ.items() if key not in ours}
        command = [sys.executable, "-m", "policysite", "--home", str(folder)]
        for verb in (["migrate"], ["collectstatic", "--no-input"]):
            subprocess.run([*command, *verb, "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
        log = Path(name) / "all.txt"
        site = processes.start([*command, "all", "--port", port], log=log, environment=environment, folder=ROOT)
        try:
            processes.wait_until(
                lambda: "policysite is ready" in log.read_text(), process=site, log=log, name="policysite all"
            )
            time.sleep(RESTS)
            tell("at rest", site.pid)
            for page in PAGES * ROUNDS:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{page}").close()
            time.sleep(RESTS)
            tell(f"after {len(PAGES) * ROUNDS} pages", site.pid)
        finally:
            processes.stop(site)
    return 0


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
