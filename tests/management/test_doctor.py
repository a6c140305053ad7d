"""`manage.py doctor` tells all that is wrong at once, and touches nothing."""

import io
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from policies import clock
from policies.models import guards
from policies.operations import examinations
from policysite.running import processes
from tests.smtp_sink import Fault, Sink

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _browsers_of_other_tests(settings: Settings) -> None:
    """The same process may have one open, and Django is told to bear with its event loop."""
    settings.SILENCED_SYSTEM_CHECKS = [*settings.SILENCED_SYSTEM_CHECKS, "async.E001"]


def told(**options: str) -> dict[str, str]:
    """What it says of each part."""
    out = io.StringIO()
    with pytest.raises(CommandError, match="to see to"):  # the tests' role at least
        call_command("doctor", stdout=out, **options)
    return said_in(out.getvalue())


def said_in(output: str) -> dict[str, str]:
    found: dict[str, str] = {}
    part = ""
    for line in output.splitlines():
        part = line[:22].strip() or part
        found[part] = f"{found.get(part, '')} {line[22:].strip()}".strip()
    return found


@pytest.mark.django_db
def test_what_is_well_is_said_to_be(smtp_sink: Sink) -> None:
    said = told()
    # The tests' role owns everything; the journey of a new organization runs it with the two roles of the manual.
    assert "docs/operating.md" in said.pop("schema, guards, role")
    # Nor does its database wait for a disk.
    assert said.pop("database").startswith("synchronous_commit is off")
    assert said == dict.fromkeys(("settings", "clock", "marks", "metrics", "broker", "mail", "static files"), "ok")
    assert smtp_sink.messages == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(at="mail", reply="550 5.7.1 Not from you"), "let it take return paths at"),
        (Fault(at="rcpt", reply="554 5.7.1 Relay access denied"), "let it relay for this user"),
        (Fault(at="connect", reply="554 5.3.2 Go away"), "Go away"),
        (Fault(at="connect", drop=True), "cannot be used"),
    ],
)
def test_a_mail_server_that_would_take_nothing_is_told(smtp_sink: Sink, fault: Fault, words: str) -> None:
    smtp_sink.misbehave(fault)
    said = told()["mail"]
    assert words in said
    assert said.count("mail server 127.0.0.1:") <= 2


@pytest.mark.django_db
def test_another_recipient_can_be_named(smtp_sink: Sink) -> None:
    smtp_sink.misbehave(Fault(at="rcpt", reply="550 5.1.1 Nobody", recipient="vera@"))
    assert told()["mail"] == "ok"
    assert "vera@example.org" in told(mail_to="vera@example.org")["mail"]


@pytest.mark.django_db
def test_a_mail_server_that_is_not_there_is_told(settings: Any) -> None:
    settings.EMAIL_PORT = processes.free_port()
    assert "cannot be used" in told()["mail"]


@pytest.mark.django_db
def test_a_broker_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", f"redis://127.0.0.1:{processes.free_port()}/0")
    assert "look at CELERY_BROKER_URL" in told()["broker"]


@pytest.mark.django_db
def test_a_folder_for_marks_that_is_none_is_told(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    settings.HIGH_WATER_FOLDER = str(tmp_path / "a-file")
    assert "cannot be written to" in told()["marks"]


@pytest.mark.django_db
def test_a_folder_where_nothing_can_be_counted_is_told(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    settings.METRICS_FOLDER = str(tmp_path / "a-file")
    assert "cannot be written to" in told()["metrics"]


@pytest.mark.django_db
def test_clocks_that_are_apart_are_told() -> None:
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=True):
        assert "set both by NTP" in told()["clock"]


@pytest.mark.django_db
def test_static_files_that_were_not_made_are_told(settings: Any, tmp_path: Path) -> None:
    settings.DEMO, settings.STATIC_ROOT = False, str(tmp_path)
    assert "run manage.py collectstatic" in told()["static files"]


@pytest.mark.django_db
def test_what_the_database_lacks_is_told_at_once() -> None:
    MigrationRecorder.Migration.objects.filter(app="policies").latest("id").delete()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER guard_policies_act_change ON policies_act")
    said = told()["schema, guards, role"]
    assert "(policies.E001)" in said
    assert "(policies.E003)" in said
    guards.install(connection)


@pytest.mark.django_db
def test_settings_that_do_not_go_together_are_told(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER, settings.TRUSTED_PROXIES = ("HTTP_X_FORWARDED_PROTO", "https"), 0
    assert "(policies.W005)" in told()["settings"]


def test_an_empty_database_is_told_in_words(fresh_database: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    said = told()
    assert "(policies.E003)" in said["schema, guards, role"]
    assert said["marks"] == "It cannot be asked of tables that are not those of this code."


def test_a_database_that_is_away_keeps_nothing_else_from_being_told(smtp_sink: Sink) -> None:
    away = {"DATABASE_URL": f"postgres://nobody@127.0.0.1:{processes.free_port()}/none", "POLICYSITE_DEMO": "1"}
    command = [sys.executable, "-m", "manage", "doctor"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | away, capture_output=True, text=True, check=False)
    said = said_in(done.stdout)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert said["database"] == "The database cannot be reached: start it, or look at DATABASE_URL."
    assert (said["broker"], said["mail"]) == ("ok", "ok")


@pytest.mark.django_db
@pytest.mark.both_databases
def test_sqlite_is_for_the_demo_and_for_small_sites(settings: Any) -> None:
    def is_refused() -> bool:
        return any("is for a site without a broker" in problem for problem in examinations.database())

    settings.DEMO, settings.CELERY_BROKER_URL = False, "redis://127.0.0.1:1/0"
    assert is_refused() == (connection.vendor == "sqlite")
    settings.CELERY_BROKER_URL = ""
    assert not is_refused()
