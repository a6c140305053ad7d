"""
Settings, all from the environment. Wrong values fail loudly at start; promises and periods are data, not settings.

Two URLs turn the demo into production: `DATABASE_URL` (PostgreSQL) and `CELERY_BROKER_URL` (Redis).
policysite/environment/table.py has every variable, and docs/configuration.md is made from it.
"""

import base64
import os
import secrets
from email.headerregistry import Address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from policysite import __version__, logs, places, provider_reports
from policysite.environment import reading

BASE_DIR = places.FILES
given = reading.read(os.environ)

DEMO: bool = given["POLICYSITE_DEMO"]
VAR_DIR = Path(given["POLICYSITE_VAR"] or places.home()).resolve()
DEBUG: bool = given["DEBUG"]


def _of_the_demo(name: str, made: str) -> str:
    """A key that the demo keeps in `var/`, so that sign-ins outlive a restart."""
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    path = VAR_DIR / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(made)
    return path.read_text().strip()


SECRET_KEY: str = given["SECRET_KEY"] or _of_the_demo("secret-key", secrets.token_urlsafe(50))
SECRET_KEY_FALLBACKS: list[str] = given["SECRET_KEY_FALLBACKS"]
# The origin used in every link of a mail, never taken from a request's Host header.
SITE_URL: str = given["SITE_URL"]
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS: list[str] = given["ALLOWED_HOSTS"] or [urlsplit(SITE_URL).hostname]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ORGANIZATION: str = given["ORGANIZATION"]

INSTALLED_APPS = [
    "policies",
    "policysite.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "markdownx",
    "anymail",
]

MIDDLEWARE = [
    "policies.middleware.RequestId",
    # As far out as can be, so that it counts what the others turn away.
    "policies.middleware.Answered",
    # Before everybody who asks where a request comes from.
    "policies.middleware.ClientAddress",
    # Outside of whatever turns a request away: a page of another origin has to read why.
    "policies.middleware.OtherOrigins",
    "policies.middleware.ApiProblems",
    # Early, so that they cover even the answer to a host that the next one refuses.
    "policies.middleware.SecurityHeaders",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "policies.middleware.WhatIsTaken",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "policies.middleware.Locale",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "policies.middleware.LargeTexts",
    "policies.middleware.AsPublished",
    "policies.middleware.OddInput",
    "policies.middleware.AcceptanceGate",
]

ROOT_URLCONF = "policysite.urls"
WSGI_APPLICATION = "policysite.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database --------------------------------------------------------------------------------------------


def _database() -> dict[str, Any]:
    database: dict[str, Any] = given["DATABASE_URL"] or {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(VAR_DIR / "policysite.sqlite3"),
    }
    if database["ENGINE"].endswith("sqlite3"):
        # IMMEDIATE: a deferred transaction that turns from reading to writing fails with "database is locked".
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        }
    else:
        options = database.setdefault("OPTIONS", {})
        options.setdefault("connect_timeout", 5)
        # Before its tables are analyzed PostgreSQL thinks each mail's statement worth compiling: two seconds a mail.
        options.setdefault("options", "-c jit=off")
        database["CONN_MAX_AGE"] = given["DATABASE_CONN_MAX_AGE"]
        database["CONN_HEALTH_CHECKS"] = True
    return database


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Signing in ------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "policies.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "policies.sign_in.accounts.NotOurWords"},
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "policies:account"
ACCOUNT_ADAPTER = "policies.sign_in.accounts.ClosedSignUp"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# Nobody signs up; without a password among these fields there is none on the sign-in page either.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_FORMS = {
    "request_login_code": "policies.views.people.code_limits.AskForCode",
    "confirm_login_code": "policies.sign_in.codes.CodeByMail",
}
# By caller alone: by address it would keep out its owner whoever asks (policies.views.people.code_limits).
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Whoever's second factor changed is told so (policies.sign_in.accounts).
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_GET = False
# Who signed in within five minutes is not asked again before publishing and the like.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
# No box to tick: every session ends with the working day.
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "policies.sign_in.second_factor.SecondFactor"
MFA_FORMS = {
    "authenticate": "policies.sign_in.codes.SecondFactor",
    "reauthenticate": "policies.sign_in.codes.SecondFactorAgain",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# Addresses are given at the desk; nobody proves theirs by a link first.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Editors, approvers and the like need an authenticator app beside the code or password.
DESK_SECOND_FACTOR: bool = given["DESK_SECOND_FACTOR"]
DESK_IDLE_SECONDS = 30 * 60
ACCOUNT_PREVENT_ENUMERATION = True
# The sign-in code is kept in the session: a session that lives in the cookie would show it to whoever holds the cookie.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
# Not in a cookie of their own: what a message says stays here.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "policies.views.people.handover.csrf_failure"
if HTTPS:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

# --- Headers ---------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
# Programs are refused instead (policies.middleware.WhatIsTaken).
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$", r"^api/", r"^anymail/"]
# How many proxies in front add to X-Forwarded-For: with too few everybody is one caller, with too many anybody is
# whom they say.
TRUSTED_PROXIES: int = given["TRUSTED_PROXIES"]
_IS_BEHIND_TLS = TRUSTED_PROXIES > 0 if given["BEHIND_TLS_PROXY"] is None else given["BEHIND_TLS_PROXY"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _IS_BEHIND_TLS else None
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# Of every page; nobody sets another. Addresses that hold tokens go to no other site. Not "no-referrer": browsers would
# then send our own forms with the origin "null", and they would be refused as forged.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

# --- The ledger ------------------------------------------------------------------------------------------

# The seed of the Ed25519 key that signs checkpoints.
LEDGER_KEY: bytes = given["LEDGER_KEY"] or base64.b64decode(
    _of_the_demo("ledger-key", base64.b64encode(secrets.token_bytes(32)).decode())
)
# Public keys that signed earlier checkpoints, as `/.well-known/policy-log/key` showed them when they were in use.
LEDGER_OLD_VERIFIERS: tuple[str, ...] = given["LEDGER_OLD_VERIFIERS"]
# Who else vouches for the log, besides whoever keeps a head: a time-stamp authority (RFC 3161), and witnesses, each a
# pair of its public key and its address.
LEDGER_TSA_URL: str = given["LEDGER_TSA_URL"]
LEDGER_TSA_ROOTS: str = given["LEDGER_TSA_ROOTS"]
LEDGER_WITNESSES: tuple[tuple[str, str], ...] = given["LEDGER_WITNESSES"]
LEDGER_ANCHOR_MINUTES: int = given["LEDGER_ANCHOR_MINUTES"]

# --- People, and what is recorded with an answer ---------------------------------------------------------

# The network (/24 or /48) an answer came from, in the row that is deleted when a person is erased. Off: not recorded.
RECORD_NETWORK_ADDRESS: bool = given["RECORD_NETWORK_ADDRESS"]
# Origins of products that may hand people over, such as https://app.example.org: where people may return to.
HAND_OVER_ORIGINS: tuple[str, ...] = given["HAND_OVER_ORIGINS"]
# Years after somebody left until `manage.py apply_retention` erases them.
RETENTION_YEARS: int = given["RETENTION_YEARS"]
# A page of the organization's own product, which hands people over: mails lead there for an answer.
PEOPLE_ANSWER_AT: str = given["PEOPLE_ANSWER_AT"]
# Audiences that people may be in before any policy names them, such as their countries.
PEOPLE_AUDIENCES: tuple[str, ...] = given["PEOPLE_AUDIENCES"]
# What the acceptance gate guards, by the beginning of the address; the demo has a page to show it on.
ACCEPTANCE_GATE_PATHS: tuple[str, ...] = given["ACCEPTANCE_GATE_PATHS"]

# --- Texts -----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("fr", _("French")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "policysite.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# Our own preview and no upload (SECURITY.md): markdownx only brings the widget.
MARKDOWNX_MARKDOWNIFY_FUNCTION = "policies.views.operators.live_preview.markdownify"
MARKDOWNX_URLS_PATH = reverse_lazy("markdownx_markdownify")
MARKDOWNX_UPLOAD_URLS_PATH = reverse_lazy("markdownx_upload")
MARKDOWNX_EDITOR_RESIZABLE = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Texts over 16 KB are worked on beside the request: so many at a time in one process of the site, and so many callers
# that wait for their turn. One piece of work gets so many seconds and megabytes, and is stopped after that.
TEXT_PROCESSES: int = given["TEXT_PROCESSES"]
TEXT_WAITING: int = given["TEXT_WAITING"]
TEXT_SECONDS: float = given["TEXT_SECONDS"]
TEXT_MEGABYTES: int = given["TEXT_MEGABYTES"]

# --- Pages that know no reader ---------------------------------------------------------------------------

PAGES_KEPT_MEGABYTES: int = given["PAGES_KEPT_MEGABYTES"]
# Where a shared cache in front is told to let go of everything, and a header that goes with it: a pair, or None.
CACHE_PURGE_URL: str = given["CACHE_PURGE_URL"]
CACHE_PURGE_HEADER: tuple[str, str] | None = given["CACHE_PURGE_HEADER"]

# --- Static files ----------------------------------------------------------------------------------------

STATIC_URL = "static/"
# Where collectstatic puts its copies; the demo makes none.
STATIC_ROOT = None if DEMO else given["STATIC_ROOT"] or str(BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEMO
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # The demo serves files where they lie; production serves the hashed copies that collectstatic made.
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Mail: two streams with different senders ------------------------------------------------------------


def own_sender(who: str, local: str) -> str:
    """Quoted where it needs to be: “Acme, Inc.” is one name and no two addresses."""
    return str(Address(display_name=who, username=local, domain=MAIL_DOMAIN))


EMAIL_TIMEOUT: float = given["EMAIL_TIMEOUT"]
EMAIL_BACKEND = "policies.mail.plain_mail.EmailBackend"
EMAIL_HOST: str = given["EMAIL_URL"]["HOST"]
EMAIL_PORT: int = given["EMAIL_URL"]["PORT"]
EMAIL_HOST_USER: str = given["EMAIL_URL"]["HOST_USER"]
EMAIL_HOST_PASSWORD: str = given["EMAIL_URL"]["HOST_PASSWORD"]
EMAIL_USE_TLS: bool = given["EMAIL_URL"]["USE_TLS"]
EMAIL_USE_SSL: bool = given["EMAIL_URL"]["USE_SSL"]
MAIL_DOMAIN: str = given["MAIL_DOMAIN"] or urlsplit(SITE_URL).hostname or "localhost"
LEGAL_FROM: str = given["LEGAL_FROM"] or own_sender(ORGANIZATION, "legal")
ALERTS_FROM: str = given["ALERTS_FROM"] or own_sender(f"{ORGANIZATION} policy alerts", "alerts")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = LEGAL_FROM
SECURITY_CONTACT: str = given["SECURITY_CONTACT"] or f"mailto:security@{MAIL_DOMAIN}"
# What this site cannot see of how its mail goes out, to examine whether it can be accepted.
MAIL_SENT_FROM: tuple[Any, ...] = given["MAIL_SENT_FROM"]
MAIL_DKIM_KEYS: tuple[str, ...] = given["MAIL_DKIM_KEYS"]
# Pairs of an address and a port; empty: those of the system.
DNS_SERVERS: tuple[tuple[str, int], ...] = given["DNS_SERVERS"]
NOTICE_RATE_PER_MINUTE: int = given["NOTICE_RATE_PER_MINUTE"]
# A notice pauses by itself after so many mails; 0 sends to everybody at once.
NOTICE_CANARY: int = given["NOTICE_CANARY"]
# Intentions committed together are faster, and a crash leaves up to that many mails uncertain instead of one.
NOTICE_INTENTIONS_AT_ONCE: int = given["NOTICE_INTENTIONS_AT_ONCE"]
# Mails to one destination domain at the same time, over all workers; 0: as many as there are workers.
NOTICE_MAILS_PER_DOMAIN: int = given["NOTICE_MAILS_PER_DOMAIN"]
# Seconds before the second, third ... try of a mail that was deferred; the last wait repeats.
NOTICE_RETRY_WAITS: list[int] = given["NOTICE_RETRY_WAITS"]
# Seconds before a legal notice that may have gone out is sent once more.
NOTICE_UNCERTAIN_WAIT: int = given["NOTICE_UNCERTAIN_WAIT"]
# How long a worker may be silent before others take over what it claimed.
DELIVERY_LEASE_SECONDS: float = given["DELIVERY_LEASE_SECONDS"]
# Outside the database, on storage that all workers share: how much was sent, for the day a backup is restored.
HIGH_WATER_FOLDER: str = given["HIGH_WATER_FOLDER"] or str(VAR_DIR / "high-water")
# Shared with the organization's own product, whose server signs who is shown a notice there; empty: nobody is.
HOST_KEY: str = given["HOST_KEY"]
# Hashes of suppressed addresses and the return paths of mails: they outlive a change of SECRET_KEY where this is set.
ADDRESS_KEY: str = given["ADDRESS_KEY"] or SECRET_KEY

# --- Webhooks --------------------------------------------------------------------------------------------

# Secrets of webhooks are derived from it: whoever has the database alone can sign nothing.
WEBHOOK_KEY: str = given["WEBHOOK_KEY"] or SECRET_KEY
WEBHOOK_KEY_FALLBACKS: list[str] = given["WEBHOOK_KEY_FALLBACKS"] or SECRET_KEY_FALLBACKS
# Networks that are called although they are not public, and without TLS: the demo's own machine.
WEBHOOK_ALLOWED_NETWORKS: tuple[Any, ...] = given["WEBHOOK_ALLOWED_NETWORKS"]
# Seconds before the second, third ... try; about three days in all (Standard Webhooks).
WEBHOOK_RETRY_WAITS: list[int] = given["WEBHOOK_RETRY_WAITS"]
# A webhook to which nothing came through for so many days is turned off, and the desk is told.
WEBHOOK_GIVE_UP_DAYS: int = given["WEBHOOK_GIVE_UP_DAYS"]

# --- Celery: the doorbell --------------------------------------------------------------------------------

# Empty: there is none, and nobody rings.
CELERY_BROKER_URL: str = given["CELERY_BROKER_URL"]
if CELERY_BROKER_URL.startswith("filesystem://"):
    _folders = {name: VAR_DIR / "broker" / name for name in ("messages", "processed", "control")}
    for _folder in _folders.values():
        _folder.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "data_folder_in": str(_folders["messages"]),
        "data_folder_out": str(_folders["messages"]),
        "control_folder": str(_folders["control"]),
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 3600,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "health_check_interval": 25,
        # Ringing gives up at once: kombu would otherwise go on asking for as long as a page takes to be given up.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
    }
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_PUBLISH_RETRY = False  # a lost bell is rung again by the sweep; a web request never waits for a broker
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# How often beat rings: for at most so many seconds a lost bell, or a worker that died, keeps anything waiting.
SWEEP_SECONDS: float = given["SWEEP_SECONDS"]
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "policies.tasks.tick", "schedule": SWEEP_SECONDS},
    "call-webhooks": {"task": "policies.tasks.call_webhooks", "schedule": 2.0 if DEMO else 10.0},
    "anchor-ledger": {"task": "policies.tasks.anchor_ledger", "schedule": 60.0},
    "check-deliverability": {"task": "policies.tasks.check_deliverability", "schedule": 300.0},
    **({"purge-caches": {"task": "policies.tasks.purge_caches", "schedule": 5.0}} if CACHE_PURGE_URL else {}),
    "seal-ledger": {"task": "policies.tasks.seal_ledger", "schedule": 30.0},
    "daily": {"task": "policies.tasks.do_daily", "schedule": 900.0},
}
# In memory: a schedule of seconds has nothing to remember, and one in a file would keep a beat silent for days whose
# clock had once been ahead.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"

# --- Watching it -----------------------------------------------------------------------------------------

# Settings of django-anymail.
ANYMAIL: dict[str, Any] = given["ANYMAIL"]
# A provider by whose HTTP interface all mail goes out, as django-anymail names its back ends; empty: by EMAIL_URL.
MAIL_PROVIDER: str = given["MAIL_PROVIDER"]
if MAIL_PROVIDER:
    EMAIL_BACKEND = f"anymail.backends.{MAIL_PROVIDER}.EmailBackend"
# The provider whose reports about mails are taken at /anymail/, and no other's; empty: that of MAIL_PROVIDER.
MAIL_REPORTS = provider_reports.reporter(named=given["MAIL_REPORTS"], sender=MAIL_PROVIDER, anymail=ANYMAIL)
# Who may read /metrics, /health/all/ and the reasons of /health/notices/: whoever sends this token, or without one,
# whoever asks from this machine.
METRICS_TOKEN: str = given["METRICS_TOKEN"]
# Where the processes for pages of one machine count requests.
METRICS_FOLDER: str = given["METRICS_FOLDER"] or str(VAR_DIR / "metrics")
VERSION = __version__

LOG_FORMAT: str = given["LOG_FORMAT"]
ACCESS_LOG: bool = given["ACCESS_LOG"]
LOGGING = logs.configuration(form=LOG_FORMAT, level=given["LOG_LEVEL"])
