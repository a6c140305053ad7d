"""
Settings, all from the environment. Wrong values fail loudly at start; promises and periods are data, not settings.

Two URLs turn the demo into production: `DATABASE_URL` (PostgreSQL) and `CELERY_BROKER_URL` (Redis).
docs/configuration.md lists every variable.
"""

import base64
import hashlib
import ipaddress
import re
import secrets
from email.headerregistry import Address
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from policies.mail import answer_link
from policysite import logs, provider_reports

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEMO = env.bool("POLICYSITE_DEMO", default=False)
VAR_DIR = Path(env.str("POLICYSITE_VAR", default=str(BASE_DIR / "var"))).resolve()
DEBUG = env.bool("DEBUG", default=False)


def _secret_key() -> str:
    """A key from the environment; the demo keeps one of its own in `var/`, so that sign-ins outlive a restart."""
    given: str = env.str("SECRET_KEY", default="")
    if given:
        return given
    if not DEMO:
        raise ImproperlyConfigured("SECRET_KEY is not set. Set it to 50 or more random characters.")
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    path = VAR_DIR / "secret-key"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(50))
        path.chmod(0o600)
    return path.read_text().strip()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _site_url() -> str:
    """The origin used in every link of a mail, never taken from a request's Host header."""
    url: str = env.str("SITE_URL", default="http://127.0.0.1:8000" if DEMO else "")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"SITE_URL is {url!r}. Set it to the site's origin, such as https://policies.example.org"
        )
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ImproperlyConfigured(
            f"SITE_URL is {url!r}. Set it to an origin with https://; http is for this machine alone"
        )
    return url.rstrip("/")


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
SITE_URL = _site_url()
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEMO else [urlsplit(SITE_URL).hostname]
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ORGANIZATION = env.str("ORGANIZATION", default="Northwind Audio" if DEMO else "This organization")

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
    # Before everybody who asks where a request comes from.
    "policies.middleware.ClientAddress",
    "policies.middleware.ApiProblems",
    # Early, so that they cover even the answer to a host that the next one refuses.
    "policies.middleware.SecurityHeaders",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "policies.middleware.WhatIsTaken",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
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
    url = env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'policysite.sqlite3'}" if DEMO else "")
    if not url:
        raise ImproperlyConfigured("DATABASE_URL is not set. Set it to postgres://user:password@host:5432/name")
    try:
        database: dict[str, Any] = env.db_url_config(url)
    except Exception as error:
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read. Expected postgres://user:password@host:5432/name"
        ) from error
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
        database["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
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
ACCOUNT_FORMS = {"confirm_login_code": "policies.sign_in.codes.CodeByMail"}
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
DESK_SECOND_FACTOR = env.bool("DESK_SECOND_FACTOR", default=not DEMO)
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
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", default=False) else None
# How many proxies in front add to X-Forwarded-For: with too few everybody is one caller, with too many anybody is
# whom they say.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
if not 0 <= TRUSTED_PROXIES <= 10:
    raise ImproperlyConfigured(
        f"TRUSTED_PROXIES is {TRUSTED_PROXIES}. Set it to how many proxies stand in front: 0 to 10"
    )
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

# --- The ledger's key ------------------------------------------------------------------------------------


def _ledger_key() -> bytes:
    """The seed of the Ed25519 key that signs checkpoints: 32 bytes, base64 in LEDGER_KEY, else a file in VAR_DIR."""
    given: str = env.str("LEDGER_KEY", default="")
    path = VAR_DIR / "ledger-key"
    if not given:
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
        given = path.read_text()
    try:
        key = base64.b64decode(given.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ImproperlyConfigured("LEDGER_KEY has to be 32 random bytes in base64: openssl rand -base64 32")
    return key


LEDGER_KEY = _ledger_key()
# Public keys that signed earlier checkpoints, as `/.well-known/policy-log/key` showed them when they were in use.
LEDGER_OLD_VERIFIERS = tuple(env.list("LEDGER_OLD_VERIFIERS", default=[]))


def _is_of_a_witness(line: str) -> bool:
    """Whether it is `name+id+key` with a key that signs the heads of others: Ed25519, or ML-DSA-44."""
    name, _plus, rest = line.partition("+")
    key_id, _plus, encoded = rest.partition("+")
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:
        return False
    size = {b"\x04": 1 + 32, b"\x06": 1 + 1312}.get(key[:1])
    return len(key) == size and hashlib.sha256(f"{name}\n".encode() + key).digest()[:4].hex() == key_id


def _witnesses(given: list[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of a witness's public key and its address."""
    found = tuple((key, url) for key, _blank, url in (each.strip().partition(" ") for each in given))
    if any(not _is_of_a_witness(key) or not url.strip().startswith(("http://", "https://")) for key, url in found):
        raise ImproperlyConfigured("LEDGER_WITNESSES has to be pairs by commas: name+id+key https://witness.example")
    return found


# Who else vouches for the log, besides whoever keeps a head: a time-stamp authority (RFC 3161), and witnesses.
LEDGER_TSA_URL = env.str("LEDGER_TSA_URL", default="")
LEDGER_TSA_ROOTS = env.str("LEDGER_TSA_ROOTS", default="")
if LEDGER_TSA_URL and not Path(LEDGER_TSA_ROOTS).is_file():
    raise ImproperlyConfigured("LEDGER_TSA_ROOTS has to be a file with the root certificates of LEDGER_TSA_URL (PEM).")
LEDGER_WITNESSES = _witnesses(env.list("LEDGER_WITNESSES", default=[]))
LEDGER_ANCHOR_MINUTES = env.int("LEDGER_ANCHOR_MINUTES", default=60)

# --- People, and what is recorded with an answer ---------------------------------------------------------

# The network (/24 or /48) an answer came from, in the row that is deleted when a person is erased. Off: not recorded.
RECORD_NETWORK_ADDRESS = env.bool("RECORD_NETWORK_ADDRESS", default=False)
# Origins of products that may hand people over, such as https://app.example.org: where people may return to.
HAND_OVER_ORIGINS = tuple(env.list("HAND_OVER_ORIGINS", default=[]))
# Years after somebody left until `manage.py apply_retention` erases them.
RETENTION_YEARS = env.int("RETENTION_YEARS", default=6)
# A page of the organization's own product, which hands people over: mails lead there for an answer.
PEOPLE_ANSWER_AT = env.str("PEOPLE_ANSWER_AT", default="")
try:
    answer_link.checked(PEOPLE_ANSWER_AT)
except answer_link.NotAnAddress as _error:
    raise ImproperlyConfigured(
        f"PEOPLE_ANSWER_AT is {PEOPLE_ANSWER_AT!r}. {_error} Set it to a page of your product, such as"
        " https://app.example.org/terms?of={policy}&v={version}"
    ) from _error
# Audiences that people may be in before any policy names them, such as their countries.
PEOPLE_AUDIENCES = tuple(env.list("PEOPLE_AUDIENCES", default=[]))
for _tag in PEOPLE_AUDIENCES:
    if not re.fullmatch(r"[-\w]{1,50}", _tag, re.ASCII):
        raise ImproperlyConfigured(
            f"PEOPLE_AUDIENCES has {_tag!r}. Set it to tags by commas: letters, digits, hyphens and underscores"
        )
# What the acceptance gate guards, by the beginning of the address; the demo has a page to show it on.
ACCEPTANCE_GATE_PATHS = env.tuple("ACCEPTANCE_GATE_PATHS", default=("/demo/product/",) if DEMO else ())

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
TEXT_PROCESSES = env.int("TEXT_PROCESSES", default=2)
TEXT_WAITING = env.int("TEXT_WAITING", default=8)
TEXT_SECONDS = env.float("TEXT_SECONDS", default=20)
TEXT_MEGABYTES = env.int("TEXT_MEGABYTES", default=512)
if TEXT_PROCESSES < 1 or TEXT_WAITING < 0 or TEXT_SECONDS <= 0:
    raise ImproperlyConfigured("TEXT_PROCESSES has to be 1 or more, TEXT_WAITING 0 or more, TEXT_SECONDS above 0.")
if TEXT_MEGABYTES < 128:
    raise ImproperlyConfigured("TEXT_MEGABYTES is below 128. Set it to 512: 60 of them are taken before any text is.")

# --- Static files ----------------------------------------------------------------------------------------

STATIC_URL = "static/"
# Where collectstatic puts its copies; the demo makes none.
STATIC_ROOT = None if DEMO else env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
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


def _sender(name: str, who: str, address: str) -> str:
    """Quoted where it needs to be: “Acme, Inc.” is one name and no two addresses."""
    try:
        value: str = env.str(name, default="") or str(Address(display_name=who, addr_spec=address))
    except ValueError as error:
        raise ImproperlyConfigured(
            f"No sender can be made of {who!r} and {address}. Set ORGANIZATION to one line and MAIL_DOMAIN to a domain."
        ) from error
    if "\n" in value or "@" not in parseaddr(value)[1]:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to an address, such as Example <legal@example.org>")
    return value


EMAIL_TIMEOUT = env.float("EMAIL_TIMEOUT", default=60)
_MAIL = env.email_url("EMAIL_URL", default="smtp://127.0.0.1:1025" if DEMO else "smtp://127.0.0.1:25")
EMAIL_BACKEND = _MAIL["EMAIL_BACKEND"].replace("django.core.mail.backends.smtp", "policies.mail.plain_mail")
EMAIL_FILE_PATH = _MAIL["EMAIL_FILE_PATH"]
EMAIL_HOST, EMAIL_PORT = _MAIL["EMAIL_HOST"], _MAIL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL["EMAIL_HOST_USER"], _MAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.get("EMAIL_USE_TLS", False), _MAIL.get("EMAIL_USE_SSL", False)
MAIL_DOMAIN = env.str(
    "MAIL_DOMAIN", default="northwind.example" if DEMO else urlsplit(SITE_URL).hostname or "localhost"
)
LEGAL_FROM = _sender("LEGAL_FROM", ORGANIZATION, f"legal@{MAIL_DOMAIN}")
ALERTS_FROM = _sender("ALERTS_FROM", f"{ORGANIZATION} policy alerts", f"alerts@{MAIL_DOMAIN}")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = LEGAL_FROM
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default=f"mailto:security@{MAIL_DOMAIN}")
NOTICE_RATE_PER_MINUTE = env.int("NOTICE_RATE_PER_MINUTE", default=60 if DEMO else 6000)
if NOTICE_RATE_PER_MINUTE < 1:
    raise ImproperlyConfigured("NOTICE_RATE_PER_MINUTE is below 1. Set it to the mails a minute your server takes.")
# A notice pauses by itself after so many mails; 0 sends to everybody at once.
NOTICE_CANARY = env.int("NOTICE_CANARY", default=0)
# Intentions committed together are faster, and a crash leaves up to that many mails uncertain instead of one.
NOTICE_INTENTIONS_AT_ONCE = env.int("NOTICE_INTENTIONS_AT_ONCE", default=1)
# Mails to one destination domain at the same time, over all workers; 0: as many as there are workers.
NOTICE_MAILS_PER_DOMAIN = env.int("NOTICE_MAILS_PER_DOMAIN", default=2)
# Seconds before the second, third ... try of a mail that was deferred; the last wait repeats.
NOTICE_RETRY_WAITS = [int(each) for each in env.list("NOTICE_RETRY_WAITS", default=[60, 300, 900, 3600, 10800, 21600])]
# Seconds before a legal notice that may have gone out is sent once more.
NOTICE_UNCERTAIN_WAIT = env.int("NOTICE_UNCERTAIN_WAIT", default=900)
# How long a worker may be silent before others take over what it claimed.
DELIVERY_LEASE_SECONDS = env.float("DELIVERY_LEASE_SECONDS", default=120)
if DELIVERY_LEASE_SECONDS < 2 * EMAIL_TIMEOUT:
    raise ImproperlyConfigured("DELIVERY_LEASE_SECONDS has to be at least twice EMAIL_TIMEOUT.")
# Outside the database, on storage that all workers share: how much was sent, for the day a backup is restored.
HIGH_WATER_FOLDER = env.str("HIGH_WATER_FOLDER", default=str(VAR_DIR / "high-water"))
# Shared with the organization's own product, whose server signs who is shown a notice there; empty: nobody is.
HOST_KEY = env.str("HOST_KEY", default="")
# Hashes of suppressed addresses and the return paths of mails: they outlive a change of SECRET_KEY where this is set.
ADDRESS_KEY = env.str("ADDRESS_KEY", default=SECRET_KEY)

# --- Webhooks --------------------------------------------------------------------------------------------


def _networks(given: list[str]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    try:
        return tuple(ipaddress.ip_network(each.strip()) for each in given)
    except ValueError as error:
        raise ImproperlyConfigured(f"WEBHOOK_ALLOWED_NETWORKS: {error}. Set it to such as 10.1.2.0/24") from error


# Secrets of webhooks are derived from it: whoever has the database alone can sign nothing.
WEBHOOK_KEY = env.str("WEBHOOK_KEY", default=SECRET_KEY)
WEBHOOK_KEY_FALLBACKS = env.list("WEBHOOK_KEY_FALLBACKS", default=SECRET_KEY_FALLBACKS)
# Networks that are called although they are not public, and without TLS: the demo's own machine.
WEBHOOK_ALLOWED_NETWORKS = _networks(env.list("WEBHOOK_ALLOWED_NETWORKS", default=["127.0.0.0/8"] if DEMO else []))
# Seconds before the second, third ... try; about three days in all (Standard Webhooks).
WEBHOOK_RETRY_WAITS = [
    int(each)
    for each in env.list("WEBHOOK_RETRY_WAITS", default=[5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400])
]
# A webhook to which nothing came through for so many days is turned off, and the desk is told.
WEBHOOK_GIVE_UP_DAYS = env.int("WEBHOOK_GIVE_UP_DAYS", default=3)

# --- Celery: the doorbell --------------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://" if DEMO else "redis://127.0.0.1:6379/0")
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
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=2 if DEMO else 30)
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "policies.tasks.tick", "schedule": SWEEP_SECONDS},
    "call-webhooks": {"task": "policies.tasks.call_webhooks", "schedule": 2.0 if DEMO else 10.0},
    "anchor-ledger": {"task": "policies.tasks.anchor_ledger", "schedule": 60.0},
    "seal-ledger": {"task": "policies.tasks.seal_ledger", "schedule": 30.0},
}
# In memory: a schedule of seconds has nothing to remember, and one in a file would keep a beat silent for days whose
# clock had once been ahead.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"

# --- Watching it -----------------------------------------------------------------------------------------

# Settings of django-anymail as JSON.
ANYMAIL = env.json("ANYMAIL", default={})
# A provider by whose HTTP interface all mail goes out, as django-anymail names its back ends; empty: by EMAIL_URL.
MAIL_PROVIDER = env.str("MAIL_PROVIDER", default="")
if MAIL_PROVIDER:
    EMAIL_BACKEND = f"anymail.backends.{MAIL_PROVIDER}.EmailBackend"
    if not MAIL_PROVIDER.isidentifier() or find_spec(f"anymail.backends.{MAIL_PROVIDER}") is None:
        raise ImproperlyConfigured(f"MAIL_PROVIDER is {MAIL_PROVIDER!r}. Set it to a back end of django-anymail.")
    # boto3 sends again by itself what may have been taken, and the record would not know.
    if MAIL_PROVIDER in {"amazon_ses", "base", "base_requests", "console", "test"}:
        raise ImproperlyConfigured(
            f"MAIL_PROVIDER is {MAIL_PROVIDER!r}, which does not post by HTTP. For Amazon SES set EMAIL_URL to its"
            " SMTP server, such as smtp+tls://USER:PASSWORD@email-smtp.eu-west-1.amazonaws.com:587"
        )
# The provider whose reports about mails are taken at /anymail/, and no other's; empty: that of MAIL_PROVIDER.
MAIL_REPORTS = provider_reports.reporter(
    named=env.str("MAIL_REPORTS", default=""), sender=MAIL_PROVIDER, anymail=ANYMAIL
)
# Who may read /metrics, /health/all/ and the reasons of /health/notices/: whoever sends this token, or without one,
# whoever asks from this machine.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

LOG_FORMAT = env.str("LOG_FORMAT", default="line" if DEMO else "json")
if LOG_FORMAT not in logs.FORMATS:
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}. Set it to json or line.")
LOGGING = logs.configuration(form=LOG_FORMAT, level=env.str("LOG_LEVEL", default="INFO"))
