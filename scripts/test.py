"""
Run every test: all of them on PostgreSQL, then once more on SQLite those that are marked `both_databases`.

Arguments go to pytest, as in `python -m scripts.test -k publish`. The last lines name what failed in either run, and
count both together: who sees only the end of a long log still reads which test it was, and why.
"""

import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "test-results"

LINES_OF_A_FAILURE = 25
NOTHING_SELECTED = 5  # pytest's exit code when -k or -m leaves no test


@dataclass(frozen=True)
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: tuple[str, ...] = ()

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.failures + other.failures,
        )

    def __str__(self) -> str:
        return "\n".join(
            [*self.failures, f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"],
        )


def run(name: str, *arguments: str, settings: dict[str, str]) -> tuple[int, Count]:
    """Run pytest in a process of its own; returns its exit code and what it counted."""
    results = RESULTS / f"{name}.xml"
    results.unlink(missing_ok=True)
    print(f"== {name}", flush=True)
    options = [f"--numprocesses={os.cpu_count()}", "--dist=loadgroup", f"--junitxml={results}"]
    command = [sys.executable, "-m", "pytest", *options, *arguments]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}) as pytest:
        forward_signals(pytest)
        code = pytest.wait()
    return code, count(results)


def forward_signals(pytest: subprocess.Popen[bytes]) -> None:
    """Pytest decides how to end: it stops the services it started, and is waited for."""

    signal.signal(signal.SIGTERM, lambda *_: pytest.terminate())
    # Ctrl-C reaches the whole foreground group by itself.
    signal.signal(signal.SIGINT, lambda *_: None)


def count(results: Path) -> Count:
    if not results.exists():
        return Count()
    suite = ET.parse(results).getroot()[0]  # noqa: S314 - pytest's own file, just written
    total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    return Count(total - failed - skipped, failed, skipped, tuple(failures(suite, results.stem)))


def failures(suite: ET.Element, run: str) -> Iterator[str]:
    """A few lines for each test that failed: which it was, and the end of what pytest said of it."""
    for case in suite.iter("testcase"):
        for said in [*case.iter("failure"), *case.iter("error")]:
            yield f"== FAILED on {run}: {case.get('classname')}::{case.get('name')}"
            yield "\n".join((said.text or said.get("message") or "").splitlines()[-LINES_OF_A_FAILURE:])


def main(arguments: list[str]) -> int:
    RESULTS.mkdir(exist_ok=True)
    runs = [run("postgresql", *arguments, settings={})]
    if runs[0][0] in {0, 1, NOTHING_SELECTED}:
        sqlite = {"DATABASE_URL": "sqlite:///var/unused.sqlite3"}
        runs.append(run("sqlite", *arguments, "-m", "both_databases", settings=sqlite))
    print(sum((counted for _, counted in runs), start=Count()), flush=True)
    codes = {code for code, _ in runs}
    # No test in one of the runs is fine, as long as the other one had some.
    return max(codes - {NOTHING_SELECTED}, default=NOTHING_SELECTED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
