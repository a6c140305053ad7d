"""A missing setting is one clear line, whichever process finds it missing."""

import base64
import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from anymail import backends
from anymail.backends.base_requests import AnymailRequestsBackend

from policies import checks, clock
from policies.models import AuditEvent
from policies.models.audit import DEMO_LOADED
from policysite.running import processes
from tests import factories
from tests.services.deployment import Deployment

ROOT = Path(__file__).parents[2]
# What nothing starts without, but the demo.
IN_EARNEST = {"SECRET_KEY": "for-this-test-only-" + "x" * 50, "LEDGER_KEY": base64.b64encode(bytes(range(32))).decode()}
MODULES = {
    "web": ["granian", "--interface", "wsgi", "--port", "0", "policysite.wsgi:application"],
    "worker": ["celery", "--app", "policysite", "worker"],
    "beat": ["celery", "--app", "policysite", "beat"],
    "command": ["manage", "check"],
}


@pytest.mark.parametrize("name", MODULES)
def test_a_missing_setting_is_told_in_one_line(name: str, tmp_path: Path) -> None:
    ours = {"POLICYSITE_DEMO": "0", "POLICYSITE_VAR": str(tmp_path), "GRANIAN_PORT": str(processes.free_port())}
    environment = {key: value for key, value in os.environ.items() if key != "SECRET_KEY"} | ours
    module = [part if part != "0" else ours["GRANIAN_PORT"] for part in MODULES[name]]
    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "policysite cannot start: SECRET_KEY is not set." in said
    assert "Traceback" not in said


def test_a_provider_that_would_send_twice_unseen_is_refused() -> None:
    environment = {**os.environ, "MAIL_PROVIDER": "amazon_ses", "POLICYSITE_DEMO": "1"}
    command = [sys.executable, "-m", "manage", "check"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "For Amazon SES set EMAIL_URL to its SMTP server" in done.stdout + done.stderr


def test_http_is_for_this_machine_alone() -> None:
    environment = {**os.environ, "SITE_URL": "http://policies.example.org", "POLICYSITE_DEMO": "1"}
    command = [sys.executable, "-m", "manage", "check"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "http is for this machine alone." in done.stdout + done.stderr


@pytest.mark.both_databases
@pytest.mark.parametrize("mode", ["POLICYSITE_DEMO", "DEBUG"])
def test_neither_demo_nor_debug_starts_over_a_real_publication(deployment: Deployment, mode: str) -> None:
    modes = {"POLICYSITE_DEMO": "0", "DEBUG": "0", **IN_EARNEST, mode: "1"}
    environment = {**deployment.environment, "GRANIAN_PORT": str(processes.free_port()), **modes}
    factories.make_version()

    def said_by(*arguments: str) -> str:
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode != 0
        return done.stdout + done.stderr

    why = f"{mode} is on, and the database holds publications that the demo did not make. Set {mode} to 0."
    assert f"policysite cannot start: {why}" in said_by(*MODULES["web"][:-3], "policysite.wsgi:application")
    assert f"policysite cannot start: {why}" in said_by(*MODULES["worker"])
    assert why in said_by("manage", "check", "--deploy", "--database", "default")


@pytest.mark.both_databases
@pytest.mark.django_db
def test_demo_and_debug_are_for_what_the_demo_made_and_for_nothing_published(settings: Any) -> None:
    for settings.DEMO, settings.DEBUG in ((True, False), (False, True)):
        assert checks.exposes_the_real() == ""
    factories.make_version()
    assert "POLICYSITE_DEMO" not in checks.exposes_the_real()
    settings.DEMO, settings.DEBUG = False, False
    assert checks.exposes_the_real() == ""
    settings.DEMO = True
    assert "POLICYSITE_DEMO is on" in checks.exposes_the_real()
    AuditEvent.record(DEMO_LOADED, by=None, at=clock.now())
    assert checks.exposes_the_real() == ""


def test_every_provider_that_can_be_named_posts_by_http() -> None:
    """What its answers mean is known of HTTP alone (notices.send.by_http); a new back end is looked at first."""
    refused = {"amazon_ses", "base", "base_requests", "console", "test"}
    for name in {module.name for module in pkgutil.iter_modules(backends.__path__)} - refused:
        backend = importlib.import_module(f"anymail.backends.{name}").EmailBackend
        assert issubclass(backend, AnymailRequestsBackend), name
