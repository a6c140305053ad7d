"""The command `policysite`: a home with its keys, and one line where something cannot be done."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from policysite import __version__
from policysite.environment import table
from policysite.running import demo, home
from policysite.running.supervisor import Refused

ROOT = Path(__file__).parents[2]


def called(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
    """`policysite`, with nothing of what the tests are run with."""
    ours = {setting.name for setting in table.SETTINGS}
    environment = {name: value for name, value in os.environ.items() if name not in ours} | settings
    return subprocess.run(
        [sys.executable, "-m", "policysite", *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("asked", ["version", "--version"])
def test_it_says_which_release_it_is_without_a_site(asked: str) -> None:
    assert called(asked).stdout == f"policysite {__version__}\n"


def test_a_home_is_made_once_with_keys_of_its_own(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        home.make(folder, ["ORGANIZATION=Acme, Inc. & 'Sons'"])
        assert home.path(folder).stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700
    keys = [name for name in home.settings(first) if name.endswith("_KEY")]
    assert len(keys) == 4
    assert [name for name in keys if home.settings(first)[name] == home.settings(second)[name]] == []
    assert home.settings(first)["ORGANIZATION"] == "Acme, Inc. & 'Sons'"
    with pytest.raises(Refused, match="there already"):
        home.make(first, [])


def test_a_database_that_is_there_is_nobody_elses(tmp_path: Path) -> None:
    (tmp_path / home.DATABASE).touch()
    with pytest.raises(Refused, match="there already"):
        home.make(tmp_path, [])
    assert not home.path(tmp_path).exists()


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("ORGANISATION=Acme", "There is no setting ORGANISATION"),
        ("SITE_URL=policies.example.org", "SITE_URL is 'policies.example.org'"),
        ("--site-url", "There is no setting --site-url"),
    ],
)
def test_a_setting_that_is_none_or_wrong_makes_no_home(setting: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=words):
        home.make(tmp_path / "home", [setting])
    assert not (tmp_path / "home").exists()


def test_a_line_that_is_no_setting_is_named(tmp_path: Path) -> None:
    home.path(tmp_path).write_text("# ours\n\nORGANIZATION='Acme, Inc.'\nSITE_URL = https://policies.example.org\n")
    with pytest.raises(Refused, match="environment, line 4: a setting is NAME=value"):
        home.settings(tmp_path)


def test_the_environment_counts_more_than_the_file_and_nothing_in_it_counts_for_nothing(tmp_path: Path) -> None:
    home.make(tmp_path / "home", ["ORGANIZATION=Acme", "LOG_LEVEL=ERROR"])
    script = "from django.conf import settings; print(settings.ORGANIZATION, settings.LOGGING['root']['level'])"
    arguments = ("--home", tmp_path / "home", "shell", "--verbosity", "0", "--command", script)
    assert called(*arguments).stdout.split() == ["Acme", "ERROR"]
    assert called(*arguments, ORGANIZATION="Other", LOG_LEVEL="").stdout.split() == ["Other", "ERROR"]


@pytest.mark.parametrize("verb", ["doctor", "all", "web", "run_deliveries"])
def test_without_a_home_it_says_how_to_make_one(verb: str, tmp_path: Path) -> None:
    done = called("--home", tmp_path, verb)
    assert done.returncode == 1
    assert done.stderr == f"There is no site in {tmp_path}, and none in the environment. Make one: policysite init\n"


@pytest.mark.parametrize("verb", ["worker", "beat"])
def test_who_waits_for_a_bell_is_refused_where_nobody_rings(verb: str, tmp_path: Path) -> None:
    home.make(tmp_path, [])
    done = called(verb, "--home", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("CELERY_BROKER_URL is none")
    assert done.stderr.count("\n") == 1


def test_tables_that_are_not_there_are_told_in_one_line(tmp_path: Path) -> None:
    home.make(tmp_path, [])
    done = called("all", "--home", tmp_path, "--port", 0)
    assert done.returncode == 1
    assert done.stderr == "The tables are not those of this code: run policysite migrate first.\n"


def test_no_command_and_help_tell_what_there_is() -> None:
    for arguments in ((), ("--help",), ("help",), ("-h",)):
        assert called(*arguments).stdout.startswith("policysite [--home FOLDER] COMMAND")
    assert "name a command" in called("--port=9000").stderr


def test_the_demo_keeps_out_of_a_site_and_mails_by_nobody_elses_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.make(tmp_path, [])
    with pytest.raises(Refused, match="home of a site"):
        demo.check_folder(tmp_path)
    monkeypatch.setenv("MAIL_PROVIDER", "postmark")
    assert demo.environment(port=8000, mail_port=1025, folder=tmp_path)["MAIL_PROVIDER"] == ""
