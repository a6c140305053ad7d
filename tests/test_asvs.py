"""docs/asvs.md is held to the standard and to the tests there are, docs/security.md to what is set."""

import ast
import base64
import csv
import logging
import math
import random
import re
from collections import Counter
from datetime import timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.apps import apps
from django.conf import global_settings, settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import CheckConstraint
from django.test import Client

from policies import api_keys, authoring, clock
from policies.models import AuditEvent, access
from policies.sign_in import second_factor
from policies.text import reading
from tests import factories, people

ROOT = Path(__file__).parents[1]
STANDARD = ROOT.parent / "shared" / "asvs" / "asvs-5.0.0-en.csv"
LIST = (ROOT / "docs" / "asvs.md").read_text()
SECURITY = (ROOT / "docs" / "security.md").read_text()
ROWS = re.findall(r"^\| ([\d.]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", LIST, re.MULTILINE)
CODE = [path for folder in ("policies", "policysite") for path in (ROOT / folder).rglob("*.py")]


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.skipif(not STANDARD.exists(), reason="the requirements lie beside the project: ../shared/asvs")
def test_every_requirement_of_both_levels_is_listed_once() -> None:
    with STANDARD.open(encoding="utf-8-sig") as file:
        wanted = [row["req_id"].removeprefix("V") for row in csv.DictReader(file) if row["L"] in {"1", "2"}]
    assert [number for number, *_ in ROWS] == wanted


def test_every_verdict_is_one_of_three_and_has_its_test_or_its_reason() -> None:
    assert {verdict for _number, _about, verdict, _why in ROWS} == {"shown", "not applicable", "open"}
    shown = [why for _number, _about, verdict, why in ROWS if verdict == "shown"]
    assert [why for why in shown if not re.fullmatch(r"`tests/[\w/]+\.py::test_\w+`", why)] == []
    assert [why for *_rest, verdict, why in ROWS if verdict != "shown" and "::" in why] == []


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", LIST)
    assert [f"{path}::{name}" for path, name in named if name not in functions_of(path)] == []


def test_the_sentence_at_the_top_counts_right() -> None:
    count = Counter(verdict for _number, _about, verdict, _why in ROWS)
    said = (
        f"Of {len(ROWS)} requirements {count['shown']} are shown by a test, {count['not applicable']} do not apply,"
        f" {count['open']} are open."
    )
    assert said in LIST


def test_the_document_of_security_says_what_is_set() -> None:
    rows = re.findall(r"^\| [^|]+ \| ([\d,]+) [^|]*\| `([\w.]+)` \|$", SECURITY, re.MULTILINE)
    assert len(rows) >= 20
    wrong = [name for said, name in rows if int(said.replace(",", "")) != in_numbers(what_is(name))]
    assert wrong == []


def what_is(name: str) -> Any:
    module, _dot, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute) if module else getattr(settings, attribute)


def in_numbers(value: Any) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)


def test_the_document_of_security_names_what_a_deployment_has_to_do() -> None:
    for said in (
        "## What a deployment has to do",
        *("own host name", "TLS 1.2", "TRUSTED_PROXIES", "database", "logs", "firewall", "secrets", "time"),
        "## Ways in",
        *("sign-in code", "password", "second factor", "API key", "hand-over", "as many sessions"),
        "## Keys",
        *("SECRET_KEY", "LEDGER_KEY", "ADDRESS_KEY", "WEBHOOK_KEY", "HOST_KEY", "METRICS_TOKEN"),
        "## Data",
        *("Contact data", "RETENTION_YEARS", "Public"),
        "## Who is called",
        *("webhooks", "mail server", "witness", "time-stamp"),
        "## Libraries",
        "within",
    ):
        assert said in SECURITY, said


def test_the_document_of_security_says_what_has_to_fit_together() -> None:
    rules = {
        rule.name
        for model in apps.get_app_config("policies").get_models()
        for rule in model._meta.constraints
        if isinstance(rule, CheckConstraint)
    }
    assert set(re.findall(r"^\| [^|]+ \| `(\w+)` \|$", SECURITY, re.MULTILINE)) == rules


def test_no_code_runs_a_shell_or_what_somebody_typed() -> None:
    """No shell, no eval, no pickle, no YAML beyond plain data, no template from a string."""
    banned = {"eval", "exec", "system", "popen", "from_string", "unsafe_load", "full_load"}
    modules = {"pickle", "marshal", "shelve", "dill"}
    found = []
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                has_shell = any(word.arg == "shell" for word in node.keywords)
                is_loose = ast.unparse(node.func) == "yaml.load"
                found += [f"{path}:{node.lineno} {name}"] if name in banned or has_shell or is_loose else []
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {getattr(node, "module", None), *(each.name for each in node.names)}
                found += [f"{path}:{node.lineno}"] if names & modules else []
    assert found == []


def test_no_code_uses_a_broken_hash() -> None:
    assert [str(path) for path in CODE if re.search(r"\b(md5|sha1|MD5|SHA1)\b", path.read_text())] == []


def test_no_code_takes_what_is_guessed_for_random() -> None:
    """`random` is for the waits between tries and for made-up data alone."""
    using = {path.relative_to(ROOT).as_posix() for path in CODE if "import random" in path.read_text()}
    assert {path for path in using if not path.startswith("policies/demo/")} == WAITING


# Who waits a little longer or shorter than others.
WAITING = {"policies/webhooks/dispatch.py"}


def test_passwords_are_stored_by_a_slow_function() -> None:
    """The tests alone have a quick one: the settings name none, and Django's first is taken."""
    assert "PASSWORD_HASHERS" not in (ROOT / "policysite" / "settings.py").read_text()
    assert global_settings.PASSWORD_HASHERS[0].endswith(".PBKDF2PasswordHasher")
    assert PBKDF2PasswordHasher.iterations >= 600_000


def test_every_library_is_pinned_by_its_hashes() -> None:
    for name in ("production", "extras"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        entries = re.findall(r"^[a-z].*?(?=^[a-z]|\Z)", text, re.MULTILINE | re.DOTALL)
        assert len(entries) > 20
        assert [entry.split()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


# Put together of our own words, lists and patterns alone.
OWN_PATTERNS = {
    "policies/acceptance/sessions/browser_names.py": {"pattern"},
    "policies/notices/write/mime.py": {"broken"},
    "policies/text/meaning/numbers/quantities.py": {"pattern"},
    "policies/text/meaning/stated_dates.py": {"pattern"},
    "policies/text/meaning/topics.py": {"pattern"},
    "policies/text/words/promise_words.py": {"words"},
}


def test_what_is_put_into_a_pattern_is_escaped() -> None:
    """Constants of ours have capital names; whatever else is in a pattern goes through `re.escape`."""
    found = []
    for path in CODE:
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in PATTERNS and node.args:
                loose = {each for each in put_in(node.args[0]) if not each.isupper()} - OWN_PATTERNS.get(name, set())
                found += [f"{name}:{node.lineno} {sorted(loose)}"] if loose else []
    assert found == []


VERBS = "compile search match fullmatch split findall finditer sub subn"
PATTERNS = {f"re.{verb}" for verb in VERBS.split()}


def put_in(pattern: ast.expr) -> set[str]:
    """The names of what is put into a pattern as it is."""
    if isinstance(pattern, ast.Call) and ast.unparse(pattern.func) == "re.escape":
        return set()
    if isinstance(pattern, ast.Call):  # such as "|".join(WORDS)
        from_what = [pattern.func.value] if isinstance(pattern.func, ast.Attribute) else []
        given = [each for each in pattern.args if not ast.unparse(each).startswith("map(re.escape, ")]
        return {name for each in (*from_what, *given) for name in put_in(each)}
    if isinstance(pattern, ast.Name):
        return {pattern.id}
    if isinstance(pattern, ast.Attribute):
        return {pattern.attr} if pattern.attr != "pattern" else put_in(pattern.value)
    return {name for child in ast.iter_child_nodes(pattern) if isinstance(child, ast.expr) for name in put_in(child)}


@pytest.mark.parametrize("reference", ["file://{secret}", "http://127.0.0.1:9/x"])
def test_pages_are_read_without_network_and_without_entities(reference: str, tmp_path: Path) -> None:
    """A page that names a file of ours as an entity, a stylesheet and an inclusion gets nothing of it."""
    secret = tmp_path / "secret"
    secret.write_text("Zebrawood")
    named = reference.format(secret=secret)
    page = (
        f'<?xml version="1.0"?><?xml-stylesheet href="{named}"?>'
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "{named}"><!ENTITY % y SYSTEM "{named}"> %y;]>'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:xi="http://www.w3.org/2001/XInclude"><body>'
        f'<h1>Terms</h1><p>Be kind. &x;</p><xi:include href="{named}" parse="text"/></body></html>'
    )
    found = reading.read(page.encode(), filename="terms.xhtml")
    assert "Be kind." in found.markdown
    assert "Zebrawood" not in found.markdown
    parsers = re.compile(
        r"\b(etree\.(XML|XMLParser|parse|fromstring|iterparse)|xml\.(etree|sax|dom)|resolve_entities)\b"
    )
    assert [str(path) for path in CODE if parsers.search(path.read_text())] == []


@pytest.mark.django_db
def test_the_name_of_a_file_that_comes_in_serves_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = "../../\u202egnp.\x1b[2J/" + "x" * 300
    policy = factories.make_policy()
    authoring.import_draft(
        policy=policy, source=b"# Terms\n\nBe kind.\n", filename=name, language="en", by=people.edith(), at=clock.now()
    )
    kept = AuditEvent.objects.get(verb="version.imported").data["file"]
    assert (len(kept), kept.isprintable(), kept[:6]) == (200, True, "../../")
    assert list(tmp_path.iterdir()) == []


GENERATED = {
    "a code by mail": lambda: get_adapter().generate_login_code(),
    "the secret of an app": generate_totp_secret,
    "the seed of recovery codes": RecoveryCodes.generate_seed,
    "a session": lambda: SessionStore()._get_new_session_key(),  # type: ignore[attr-defined]
    "a key of the API": access.new_secret,
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", GENERATED)
def test_codes_and_keys_do_not_follow_from_anything(what: str) -> None:
    """What `random` draws can be computed from what it drew before; what `secrets` draws cannot."""
    made = set()
    for _time in range(3):
        random.seed(16)
        made.add(GENERATED[what]())
    assert len(made) == 3


@pytest.mark.django_db
def test_a_session_has_more_than_128_bits() -> None:
    key = SessionStore()._get_new_session_key()  # type: ignore[attr-defined]
    assert len(key) * math.log2(len(VALID_KEY_CHARS)) >= 128


def test_keys_have_128_bits_at_least() -> None:
    """HMAC-SHA-1 of an app's codes, too, is as strong as its key of 160 bits."""
    assert len(settings.LEDGER_KEY) * 8 >= 256
    assert len(base64.b32decode(generate_totp_secret())) * 8 >= 128
    assert len(access.new_secret().partition("_")[2]) * 6 >= 128
    assert len(second_factor._derived("x")) * 8 == 128 + 128, "Fernet: half for AES, half for HMAC"


def test_no_script_writes_to_names_that_come_from_elsewhere() -> None:
    """No object of anybody's is merged into another, no property is set by a name that was read."""
    loose = re.compile(
        r"__proto__|\.assign\((?!probe\.style, \{)|\.prototype\b|\bfor \([^)]* in |\w\[[^\]\"'\d]+\]\s*=(?!=)"
    )
    scripts = sorted((ROOT / "static" / "js").glob("*.js"))
    found = [
        f"{path.name}: {line.strip()}"
        for path in scripts
        for line in path.read_text().splitlines()
        if loose.search(line)
    ]
    assert (len(scripts) > 5, found) == (True, [])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/.git/config", "/static/", "/static/admin/", "/manage.py", "/policysite/settings.py"]
)
def test_nothing_of_the_source_is_served(path: str) -> None:
    assert Client().get(path).status_code == 404


@pytest.mark.django_db
def test_who_was_refused_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="django.request")
    secret = api_keys.create(name="Studio", scopes=["people:read"], period=None, by=None, at=clock.now())[1]
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.put("/api/v1/people/uma", {"name": "Uma"}, content_type="application/json").status_code == 403
    assert "Forbidden: /api/v1/people/uma" in caplog.text
