"""The units of systemd in deploy/: what they start is there, and systemd finds nothing wrong with them."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

from policysite.running import supervisor

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "deploy" / "systemd"
SERVICES, TIMERS = sorted(UNITS.glob("*.service")), sorted(UNITS.glob("*.timer"))
PROGRAM, HOME = "/opt/policysite/bin/policysite", "/var/lib/policysite"
# Of 10, by `systemd-analyze security`.
MOST_EXPOSED = 1.5
needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed: apt-get install systemd"
)


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as they would lie on a machine where the program is, each template with an instance."""
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    for path in folder.glob("*.service"):
        path.write_text(path.read_text().replace(PROGRAM, "/bin/true"))
        if path.stem.endswith("@"):
            path.rename(path.with_stem(f"{path.stem}8000"))
    return folder


def analyze(*arguments: object, units: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *map(str, arguments)],
        env={"SYSTEMD_UNIT_PATH": f"{units}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@needs_systemd
def test_systemd_finds_nothing_wrong(units: Path) -> None:
    found = analyze("verify", "--man=no", *units.glob("*.service"), *units.glob("*.timer"), units=units)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


@needs_systemd
def test_whoever_breaks_in_can_do_little(units: Path) -> None:
    for path in units.glob("*.service"):
        said = analyze("security", "--offline=yes", "--no-pager", path, units=units).stdout
        assert float(re.findall(r"exposure level for \S+: ([\d.]+)", said)[0]) <= MOST_EXPOSED, path.name


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_what_it_starts_is_a_command_of_ours(path: Path) -> None:
    commands = re.findall(r"^ExecStart=(.*)$", path.read_text(), re.MULTILINE)
    verbs = {*supervisor.SERVERS, "all", *get_commands()}
    assert commands
    for command in commands:
        program, option, home, verb, *_rest = shlex.split(command)
        assert (program, option, home) == (PROGRAM, "--home", HOME)
        assert verb in verbs


@pytest.mark.parametrize("path", TIMERS, ids=lambda path: path.name)
def test_what_a_timer_starts_is_there_and_nothing_else_starts_it(path: Path) -> None:
    service = path.with_suffix(".service").read_text()
    assert "Type=oneshot" in service
    assert "[Install]" not in service


def test_the_manual_names_each_and_they_name_the_folders_of_the_manual() -> None:
    manual = (ROOT / "docs" / "operating.md").read_text()
    named = {unit.replace("@", "") for unit in re.findall(r"policysite-[a-z]+@?", manual)}
    assert {path.stem.rstrip("@") for path in [*SERVICES, *TIMERS]} <= named
    assert f"{PROGRAM.rpartition('/')[0]}/pip install" in manual
