"""Continuous integration skips nothing: what tests need beside Python is there, or nothing is run."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = ("nginx", "caddy", "prometheus", "promtool", "systemd-analyze")


def run(folder: Path, *, programs: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run it where there are these programs, no packages to install, and a `make` that only says what it was asked."""
    for name in ("dirname", "id", "bash"):
        (folder / name).symlink_to(str(shutil.which(name)))
    for name in (*programs, "make"):
        (folder / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (folder / name).chmod(0o755)
    # Where the system's own lie, too.
    script = (ROOT / ".ci" / "run").read_text().replace("PATH=$PATH:/usr/sbin", "")
    (folder / "ci").mkdir()
    (folder / "ci" / "run").write_text(script)
    command = [str(folder / "bash"), str(folder / "ci" / "run")]
    return subprocess.run(command, env={"PATH": str(folder)}, capture_output=True, text=True, check=False)


def test_it_runs_the_two_commands(tmp_path: Path) -> None:
    done = run(tmp_path, programs=PROGRAMS)
    assert (done.returncode, done.stdout) == (0, "make check\nmake test\n"), done.stderr


@pytest.mark.parametrize("missing", PROGRAMS)
def test_it_fails_where_a_program_is_missing_and_says_which(tmp_path: Path, missing: str) -> None:
    done = run(tmp_path, programs=tuple(name for name in PROGRAMS if name != missing))
    assert done.returncode == 1
    assert done.stdout == ""
    assert f" {missing} (apt-get install " in done.stderr
