"""A wrong value stops the start with one line that names it, whichever setting it is."""

import base64
import hashlib
import os
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from policies import checks
from policysite.environment import reading, table
from policysite.environment.setting import Setting

ROOT = Path(__file__).parents[2]
KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
SEED = base64.b64encode(bytes(range(32))).decode()
RIGHT = {
    "SECRET_KEY": KEY,
    "LEDGER_KEY": SEED,
    "SITE_URL": "https://policies.example.org",
    "DATABASE_URL": "postgres://policysite:secret@db.example.org/policysite",
}


def note_key(kind: bytes, *, name: str = "log.example", key: bytes = bytes(32)) -> str:
    digest = hashlib.sha256(f"{name}\n".encode() + kind + key).digest()[:4].hex()
    return f"{name}+{digest}+{base64.b64encode(kind + key).decode()}"


A_FILE = str(ROOT / "manage.py")
NO_SECRETS = ["short", "a" * 80, "", "two\nlines" + KEY]
NO_FLAGS = ["ja", "2", "enabled", "-1", "tru"]
NO_NUMBERS = ["", "ten", "-1", "1e3", "1_000", "\u0663", "nan", "inf", "99999999999999", "0x10", "1 2"]
NO_FOLDERS = [A_FILE, f"{A_FILE}/below", "~/var", "two\nlines"]
NO_WAITS = ["60,,300", "60,soon", "0", "-5", "60;300", ",", "1.5"]
NO_ORIGINS = [
    *("app.example.org", "https://", "http://app.example.org", "ftp://app.example.org", "https://app.example.org/path"),
    *(
        "https://a b.example",
        "https://user:pw@app.example.org",
        "https://app.example.org?x=1",
        "https://example.org:99999",
    ),
    *("https:app.example.org", "//app.example.org", "https://exa_mple..org", "https://[::1", "javascript:alert(1)"),
]
NO_SENDERS = ["legal", "legal@", "@example.org", "a@example.org, b@example.org", "A, B <a@example.org>", "x\n<a@b.org>"]
WRONG: dict[str, list[str]] = {
    "SECRET_KEY": [*NO_SECRETS, KEY[:49]],
    "SITE_URL": ["", *NO_ORIGINS],
    "DATABASE_URL": [
        *("", "policysite", "mysql://user@host/name", "postgres://user@host:port/name", "postgres://host/"),
        *(
            "postgres://user:p#ss@host:5432/name",
            "postgres://user@ho st/name",
            "postgres://a.example,b c/name",
            "oracle://user@host/name",
        ),
    ],
    "LEDGER_KEY": [
        "",
        "not base64!",
        SEED[:-8],
        base64.b64encode(bytes(32)).decode(),
        base64.b64encode(b"x" * 64).decode(),
    ],
    "CELERY_BROKER_URL": [
        "127.0.0.1:6379",
        "amqp://guest@host//",
        "redis://",
        "redis://host/zero",
        "redis://host:port/0",
    ],
    "EMAIL_URL": [
        *("mail.example.org", "http://mail.example.org", "smtp://", "smtps://mail.example.org", "smtp+tls://host:port"),
        *("smtp://host/path", "smtp://user@mail.example.org", "smtp://user:p/w@host", "smtp+tls://u:p%C3%BC@host"),
    ],
    "ORGANIZATION": ["two\nlines", "x" * 101, "a\tb", "a\0b"],
    "MAIL_PROVIDER": ["amazon_ses", "pigeon", "mailgun.com", "console", "../base"],
    "MAIL_REPORTS": ["pigeon", "Mailgun", "mailgun,postmark"],
    "MAIL_DOMAIN": ["https://example.org", "a b.org", "legal@example.org", "example..org", "-.org"],
    "LEGAL_FROM": NO_SENDERS,
    "ALERTS_FROM": NO_SENDERS,
    "MAIL_SENT_FROM": ["mail.example.org", "198.51.100.0/24", "198.51.100.7,", "198.51.100.999"],
    "MAIL_DKIM_KEYS": [
        "s1",
        "s1.example.org",
        "._domainkey.example.org",
        "s 1._domainkey.example.org",
        "s1._domainkey.",
    ],
    "DNS_SERVERS": ["dns.example.org", "9.9.9.9:0", "9.9.9.9;1.1.1.1", "9.9.9.9:domain"],
    "NOTICE_RATE_PER_MINUTE": [*NO_NUMBERS, "0"],
    "NOTICE_CANARY": NO_NUMBERS,
    "NOTICE_INTENTIONS_AT_ONCE": [*NO_NUMBERS, "0"],
    "NOTICE_MAILS_PER_DOMAIN": NO_NUMBERS,
    "NOTICE_RETRY_WAITS": NO_WAITS,
    "NOTICE_UNCERTAIN_WAIT": NO_NUMBERS,
    "EMAIL_TIMEOUT": [*NO_NUMBERS, "0"],
    "SWEEP_SECONDS": [*NO_NUMBERS, "0"],
    "DELIVERY_LEASE_SECONDS": [*NO_NUMBERS, "0", "60"],
    "HIGH_WATER_FOLDER": NO_FOLDERS,
    "METRICS_FOLDER": NO_FOLDERS,
    "ACCESS_LOG": NO_FLAGS,
    "HOST_KEY": NO_SECRETS,
    "ADDRESS_KEY": ["two\nlines", "a\ttab", "\x7f"],
    "PEOPLE_ANSWER_AT": ["app.example.org/terms", "http://app.example.org/", "https://app.example.org/{person}"],
    "PEOPLE_AUDIENCES": ["at,d e", "at,,de", "ä", "x" * 51, ","],
    "ACCEPTANCE_GATE_PATHS": ["product", "/", "/review/", "/p", "/account/export/", "/a,,/b", "/product/*", "/a b/"],
    "RECORD_NETWORK_ADDRESS": NO_FLAGS,
    "HAND_OVER_ORIGINS": [
        *NO_ORIGINS,
        "https://a.example,,https://b.example",
        "https://a.example;https://b.example",
        "*",
    ],
    "RETENTION_YEARS": [*NO_NUMBERS, "0"],
    "LEDGER_TSA_URL": ["tsa.example.org", "ftp://tsa.example.org", "https://", "https://tsa example"],
    "LEDGER_TSA_ROOTS": ["/nowhere/roots.pem", A_FILE, str(ROOT)],
    "LEDGER_WITNESSES": [
        "witness.example",
        note_key(b"\x04"),
        f"{note_key(bytes([1]))} https://w.example",
        "a+b+c https://w.example",
    ],
    "LEDGER_ANCHOR_MINUTES": [*NO_NUMBERS, "0"],
    "LEDGER_OLD_VERIFIERS": [
        "log.example",
        note_key(b"\x04"),
        note_key(b"\x01")[:-8],
        note_key(b"\x01").replace("log", "lag"),
    ],
    "WEBHOOK_KEY": NO_SECRETS,
    "WEBHOOK_KEY_FALLBACKS": ["short", f"{KEY},,{KEY}", ","],
    "WEBHOOK_ALLOWED_NETWORKS": ["10.1.2.3/24", "intern", "10.0.0.0/33", "10.0.0.0/8;10.1.0.0/16"],
    "WEBHOOK_RETRY_WAITS": NO_WAITS,
    "WEBHOOK_GIVE_UP_DAYS": [*NO_NUMBERS, "0"],
    "TEXT_PROCESSES": [*NO_NUMBERS, "0"],
    "TEXT_WAITING": NO_NUMBERS,
    "TEXT_SECONDS": [*NO_NUMBERS, "0"],
    "TEXT_MEGABYTES": [*NO_NUMBERS, "127"],
    "CACHE_PURGE_URL": ["cdn.example.org", "ftp://cdn.example.org", "https://"],
    "CACHE_PURGE_HEADER": ["Bearer", "A b: c", "Authorization:", "X: ä", "X: a\nY: b"],
    "PAGES_KEPT_MEGABYTES": ["-1", "many", "1.5"],
    "ALLOWED_HOSTS": [
        "https://policies.example.org",
        "policies.example.org:8000",
        "a b",
        "other.example.org",
        "a.org,",
    ],
    "TRUSTED_PROXIES": [*NO_NUMBERS, "11"],
    "BEHIND_TLS_PROXY": NO_FLAGS,
    "DESK_SECOND_FACTOR": NO_FLAGS,
    "SECRET_KEY_FALLBACKS": ["short", f"{KEY},,{KEY}", ","],
    "STATIC_ROOT": NO_FOLDERS,
    "DATABASE_CONN_MAX_AGE": NO_NUMBERS,
    "SECURITY_CONTACT": [
        "security@example.org",
        "mailto:security",
        "http://example.org/security",
        "mailto:a b@example.org",
    ],
    "ANYMAIL": ["{", "[]", '"secret"', "WEBHOOK_SECRET=a:b"],
    "METRICS_TOKEN": ["short", "a" * 40, "with blanks 0123456789", "ümlaut-0123456789abcdef"],
    "LOG_FORMAT": ["yaml", "JSON", "json,line"],
    "LOG_LEVEL": ["info", "LOUD", "10"],
    "DEBUG": NO_FLAGS,
    "POLICYSITE_DEMO": NO_FLAGS,
    "POLICYSITE_VAR": NO_FOLDERS,
}


def test_wrong_values_are_known_of_every_setting() -> None:
    assert set(WRONG) == {setting.name for setting in table.SETTINGS}
    assert [name for name, values in WRONG.items() if len(set(filter(None, values))) < 3] == []


@pytest.mark.parametrize("setting", table.SETTINGS, ids=lambda each: each.name)
def test_a_wrong_value_is_one_line_that_names_it(setting: Setting) -> None:
    # An empty value is none: only what is needed is missed.
    for value in (value for value in WRONG[setting.name] if value or setting.is_needed):
        with pytest.raises(reading.Wrong) as wrong:
            reading.read({**RIGHT, setting.name: value})
        (line,) = str(wrong.value).splitlines()
        assert line.startswith(setting.name), value
        assert "et it to" in line or "Add it" in line, value
        assert line.endswith("."), value


@pytest.mark.parametrize("setting", [each for each in table.SETTINGS if each.is_secret], ids=lambda each: each.name)
def test_no_line_says_a_secret(setting: Setting) -> None:
    for value in (value for value in WRONG[setting.name] if len(value) > 4):
        with pytest.raises(reading.Wrong) as wrong:
            reading.read({**RIGHT, setting.name: value})
        said = str(wrong.value).replace(setting.kind.words, "")
        assert value not in said
        assert repr(value) not in said


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(reading.Wrong) as wrong:
        reading.read({"DEBUG": "ja", "TRUSTED_PROXIES": "x"})
    told = [line.split()[0] for line in str(wrong.value).splitlines()]
    assert told == ["SECRET_KEY", "SITE_URL", "DATABASE_URL", "LEDGER_KEY", "TRUSTED_PROXIES", "DEBUG"]


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("MAIL_SENT_FROM", "198.51.100.7, 2001:db8::7", (ip_address("198.51.100.7"), ip_address("2001:db8::7"))),
        ("MAIL_DKIM_KEYS", "S1._domainkey.Example.org.", ("s1._domainkey.example.org",)),
        (
            "DNS_SERVERS",
            "9.9.9.9,127.0.0.1:5353,2620:fe::fe,[2620:fe::9]:5353",
            (("9.9.9.9", 53), ("127.0.0.1", 5353), ("2620:fe::fe", 53), ("2620:fe::9", 5353)),
        ),
        ("SITE_URL", "https://Policies.Example.org:443/", "https://policies.example.org"),
        (
            "HAND_OVER_ORIGINS",
            "https://App.example.org/, http://localhost:3000",
            ("https://app.example.org", "http://localhost:3000"),
        ),
        ("BEHIND_TLS_PROXY", "On", True),
        ("BEHIND_TLS_PROXY", "", None),
        ("TRUSTED_PROXIES", " 1 ", 1),
        ("LEGAL_FROM", '"Acme, Inc." <legal@example.org>', '"Acme, Inc." <legal@example.org>'),
        ("NOTICE_RETRY_WAITS", "1, 2", [1, 2]),
        ("LEDGER_OLD_VERIFIERS", note_key(b"\x01"), (note_key(b"\x01"),)),
        ("ALLOWED_HOSTS", ".example.org", [".example.org"]),
        ("CELERY_BROKER_URL", "none", ""),
        ("CELERY_BROKER_URL", "rediss://:pw@redis.example.org:6380/1", "rediss://:pw@redis.example.org:6380/1"),
    ],
)
def test_a_right_value_is_taken(name: str, value: str, read: Any) -> None:
    assert reading.read({**RIGHT, name: value})[name] == read


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgres://policysite@db.example.org:5433/policysite?sslmode=verify-full", "db.example.org", 5433),
        (
            "postgres://policysite:p%40ss@a.example.org:5432,b.example.org:5433/policysite",
            "a.example.org,b.example.org",
            "5432,5433",
        ),
        ("postgres:////var/run/postgresql/policysite", "/var/run/postgresql", ""),
        ("postgres://policysite@[::1]:5432/policysite", "::1", 5432),
    ],
)
def test_each_way_to_a_database_is_taken(url: str, host: str, port: object) -> None:
    read = reading.read({**RIGHT, "DATABASE_URL": url})["DATABASE_URL"]
    assert (read["HOST"], read["PORT"], read["NAME"]) == (host, port, "policysite")


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("smtp+tls://user:p%40ss@mail.example.org", 587, True, False),
        ("smtp+ssl://user:p%40ss@mail.example.org", 465, False, True),
        ("smtp+ssl://mail.example.org:2465", 2465, False, True),
    ],
)
def test_each_way_to_a_mail_server_has_its_port(url: str, port: int, *, tls: bool, ssl: bool) -> None:
    read = reading.read({**RIGHT, "EMAIL_URL": url})["EMAIL_URL"]
    assert (read["PORT"], read["USE_TLS"], read["USE_SSL"]) == (port, tls, ssl)
    assert read["HOST_PASSWORD"] == ("p@ss" if "user" in url else "")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
        ("SECRETKEY", "SECRET_KEY"),
        ("HANDOVER_ORIGINS", "HAND_OVER_ORIGINS"),
        ("NOTICE_RATE", "NOTICE_RATE_PER_MINUTE"),
        ("EMAIL_HOST", "EMAIL_"),
        ("secret_key", "SECRET_KEY"),
        ("SITE_URI", "SITE_URL"),
        ("ALLOWED_HOST", "ALLOWED_HOSTS"),
    ],
)
def test_a_name_that_was_meant_for_one_of_ours_is_told(name: str, meant: str) -> None:
    (line,) = reading.unknown({**RIGHT, name: "1"})
    assert line.startswith(f"{name} is set, and there is no such setting. Did you mean {meant}")


def test_names_of_others_are_left_alone() -> None:
    others = "PATH HOME LANG TERM USER SHELL HOSTNAME TZ PWD MAIL EDITOR SSL_CERT_FILE GRANIAN_PORT POSTGRES_PASSWORD"
    assert reading.unknown({**RIGHT, **dict.fromkeys(others.split(), "1")}) == []


def test_the_start_tells_each_in_a_line_of_its_own(tmp_path: Path) -> None:
    wrong = {"POLICYSITE_DEMO": "1", "POLICYSITE_VAR": str(tmp_path), "DEBUG": "ja", "TRUSTED_PROXIES": "x"}
    command = [sys.executable, "-m", "manage", "check"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | wrong, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert [line.split(" is ")[0] for line in done.stderr.splitlines()] == [
        "policysite cannot start: TRUSTED_PROXIES",
        "policysite cannot start: DEBUG",
    ]


def test_the_start_tells_names_that_are_none_of_ours(tmp_path: Path) -> None:
    more = {"POLICYSITE_DEMO": "1", "POLICYSITE_VAR": str(tmp_path), "NOTICE_RATE": "1"}
    command = [sys.executable, "-m", "manage", "check"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | more, capture_output=True, text=True, check=True)
    assert "Did you mean NOTICE_RATE_PER_MINUTE?" in done.stderr


def test_a_short_key_of_addresses_goes_on_and_is_told(settings: Settings) -> None:
    key = next(setting for section in table.SECTIONS for setting in section.settings if setting.name == "ADDRESS_KEY")
    assert key.kind.read("short") == "short"
    settings.ADDRESS_KEY = "short"
    assert [found.id for found in checks.addresses_have_a_long_key()] == ["policies.W006"]
    settings.ADDRESS_KEY = "long enough for every address"
    assert checks.addresses_have_a_long_key() == []
