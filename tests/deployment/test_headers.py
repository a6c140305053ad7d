"""What every answer says to a browser in production: headers and cookies as a site with https:// sets them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.deployment.test_starting import IN_EARNEST

ROOT = Path(__file__).parents[2]
# Public and without a key: pages of other origins may read them.
OPEN_TO_ALL = {"/.well-known/security.txt", "/robots.txt"}
ASK = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
paths = ("/.well-known/security.txt", "/robots.txt", "/health/", "/sign-in/login/", "/nope", "/api/v1/nope", "/admin/")
answers = {path: dict(Client(raise_request_exception=False).get(path, secure=True).headers) for path in paths}
signing_in = Client().get("/sign-in/login/", secure=True)
cookies = {name: {key: str(value) for key, value in each.items()} for name, each in signing_in.cookies.items()}
names = [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME]
flags = [settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY, settings.CSRF_COOKIE_SECURE]
print(json.dumps({"answers": answers, "cookies": cookies, "names": names, "flags": flags}))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a process with the settings of production answers; its database is empty."""
    folder = tmp_path_factory.mktemp("production")
    own = {
        "POLICYSITE_DEMO": "0",
        "DEBUG": "0",
        **IN_EARNEST,
        "SITE_URL": "https://policies.example.org",
        "ALLOWED_HOSTS": "policies.example.org,testserver",
        "DATABASE_URL": f"sqlite:///{folder / 'empty.sqlite3'}",
        "POLICYSITE_VAR": str(folder),
        "STATIC_ROOT": str(folder / "static"),
        "DJANGO_SETTINGS_MODULE": "policysite.settings",
    }
    environment = {**os.environ, **own}
    for command in (["-m", "manage", "collectstatic", "--no-input"], ["-c", ASK]):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_every_answer_has_the_headers_that_browsers_go_by(said: Any) -> None:
    for path, headers in said["answers"].items():
        assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload", path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
        is_open = path in OPEN_TO_ALL
        assert headers["Cross-Origin-Resource-Policy"] == ("cross-origin" if is_open else "same-origin"), path
        policy = headers["Content-Security-Policy"]
        for directive in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
            assert directive in policy, path
        assert "unsafe" not in policy, path
        assert headers.get("Access-Control-Allow-Origin") == ("*" if is_open else None), path


def test_every_answer_says_what_it_is_and_in_which_characters(said: Any) -> None:
    for path, headers in said["answers"].items():
        kind = headers["Content-Type"]
        assert "charset=utf-8" in kind.lower() or "json" in kind, path


def test_cookies_belong_to_this_host_alone(said: Any) -> None:
    assert said["names"] == ["__Host-session", "__Host-csrf"]
    assert all(said["flags"])
    for name, cookie in said["cookies"].items():
        assert name in said["names"]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == ("True", "True", "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")
