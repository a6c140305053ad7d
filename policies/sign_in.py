"""
Signing in: by a code sent by mail or a password, and for the desk by a second factor.

Nobody signs up by themselves. What cannot be taken back asks once more who is there (OWASP ASVS 7.5.1), and a desk that
was left alone asks too; what was sent meanwhile is kept and goes on after the answer.
"""

import base64
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from ipaddress import ip_address, ip_network

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.mail import get_connection
from django.http import HttpRequest, HttpResponse

from policies import clock
from policies.models import AuditEvent, User
from policies.notices.queue import periodic_jobs
from policies.notices.returns import mail_addresses

log = logging.getLogger(__name__)

View = Callable[..., HttpResponse]

LAST_SEEN = "policies.desk_seen"
NOTED_EVERY_SECONDS = 60
# What allauth hands to `encrypt`: the secret of an app, and the seed of recovery codes.
ENCRYPTED = {"secret", "seed"}
NO_ACCOUNT = "account/email/unknown_account"
# Anybody can type in anybody's address: so many addresses without an account are told so in a day, each of them once.
TOLD_A_DAY = 200
# Seconds that the last mails took.
took: deque[float] = deque([0.1], maxlen=20)


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]
    """Credentials are made at the desk or by `manage.py`, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:  # noqa: ARG002 - allauth's signature
        """Whoever has just signed in has shown who they are, not only who was asked again."""
        return not _has_just_signed_in(context.request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: object) -> str:
        """Wrong passwords slow down one account from one network: a stranger elsewhere locks nobody out."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{network_of(request.META.get('REMOTE_ADDR', '')) or ''}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """
        Send a mail about an account; an address that has none gets one a day.

        One that gets no mail waits for as long, and finds a mail server that is down as everybody does: how long the
        page takes tells nobody who has an account.
        """
        began = time.monotonic()
        if template_prefix == NO_ACCOUNT and not _may_be_told(email):
            as_long = secrets.choice(list(took))
            with get_connection():
                time.sleep(max(0, began + as_long - time.monotonic()))
            return
        super().send_mail(template_prefix, email, context)
        took.append(time.monotonic() - began)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, object] | None = None,
        email: str | None = None,  # noqa: ARG002 - allauth's signature
    ) -> None:
        """
        Put a change of somebody's credentials on the record, and tell the address of their account.

        That address is the desk's, not one of allauth's own table. The change stands whether or not the mail goes out.
        """
        what = template_prefix.rpartition("/")[2]
        AuditEvent.record(f"credential.{what}", by=user, at=clock.now(), user=user.pk)
        try:
            super().send_notification_mail(template_prefix, user, context, user.email)
        except OSError as error:
            log.warning("Nobody could be told of credential.%s of user %s: %s", what, user.pk, type(error).__name__)


def _may_be_told(address: str) -> bool:
    """Take the place of an address among those of a day. Two may share one; nothing is kept of them."""
    local, _at, domain = address.rpartition("@")
    # Whoever reads uma@ reads uma+1@, too.
    place = int(mail_addresses.fingerprint(f"{local.partition('+')[0]}@{domain}"), 16) % TOLD_A_DAY
    return periodic_jobs.is_mine(f"tell an address without account {place}", every=timedelta(days=1), at=clock.now())


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]
    """The secrets of authenticator apps lie encrypted: who reads a dump of the database cannot make codes."""

    def get_totp_issuer(self) -> str:
        return f"{settings.ORGANIZATION} policies"

    def encrypt(self, text: str) -> str:
        return _safe().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _safe().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Who works at the desk cannot do without; `manage.py reset_second_factor` is for a lost device."""
        return not (settings.DESK_SECOND_FACTOR and authenticator.user.is_staff)


def encrypted_anew(data: Mapping[str, object]) -> dict[str, object]:
    """
    What an authenticator stores, its secrets encrypted with today's key.

    :raises cryptography.fernet.InvalidToken: if they were encrypted with a key that is known no more
    """
    return {
        name: _safe().rotate(str(value).encode()).decode() if name in ENCRYPTED else value
        for name, value in data.items()
    }


def lacks_second_factor(user: User | AnonymousUser) -> bool:
    """Whether this user may work at the desk only after setting up an authenticator app."""
    return settings.DESK_SECOND_FACTOR and user.is_staff and not is_mfa_enabled(user)


def just_signed_in(view: View) -> View:
    """
    Before `view`, have somebody sign in again who has neither password nor second factor to be asked for.

    allauth asks the others. Without this, whoever took over a session could put a second factor of their own on the
    account, and its holder would never get in again.
    """

    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        cannot_be_asked = request.user.is_authenticated and not get_reauthentication_flows(request.user)
        if cannot_be_asked and not _has_just_signed_in(request):
            logout(request)
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded


def asking_again(view: View) -> View:
    """Ask who is there before `view`, unless they signed in within ACCOUNT_REAUTHENTICATION_TIMEOUT seconds."""
    asking: View = reauthentication_required(app="policies.desk")(view)
    return asking


def at_the_desk(view: View) -> View:
    """
    Ask who is there before `view` when the desk was left alone, and end a session that has lasted a working day.

    A form that was sent after the pause is kept and goes on. Somebody with neither password nor second factor cannot
    be asked; DESK_SECOND_FACTOR sees to it that nobody at a real desk is.
    """
    asking = reauthentication_required(app="policies.desk", enabled=_was_left_alone)(_noting(view))

    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if _has_lasted_too_long(request):
            logout(request)
            return redirect_to_login(request.get_full_path())
        answer: HttpResponse = asking(request, *args, **kwargs)
        return answer

    return guarded


def note_seen(request: HttpRequest) -> None:
    """Remember that somebody works at the desk; written at most once a minute."""
    now = clock.now().timestamp()
    if now - request.session.get(LAST_SEEN, 0) >= NOTED_EVERY_SECONDS:
        request.session[LAST_SEEN] = now


def _noting(view: View) -> View:
    def noted(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        note_seen(request)
        return view(request, *args, **kwargs)

    return noted


def _was_left_alone(request: HttpRequest) -> bool:
    seen = max(request.session.get(LAST_SEEN, 0), *_signed_in_at(request), 0)
    return bool(seen) and clock.now().timestamp() - seen > settings.DESK_IDLE_SECONDS


def _has_lasted_too_long(request: HttpRequest) -> bool:
    begun = min(_signed_in_at(request), default=None)
    return begun is not None and clock.now().timestamp() - begun > settings.SESSION_COOKIE_AGE


def _has_just_signed_in(request: HttpRequest) -> bool:
    last = max(_signed_in_at(request), default=0)
    return clock.now().timestamp() - last < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def _signed_in_at(request: HttpRequest) -> list[float]:
    return [record["at"] for record in get_authentication_records(request, request.user)]


def _safe() -> MultiFernet:
    """Keys derived from SECRET_KEY and its fallbacks, so that rotating it locks nobody out."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(secret))) for secret in secrets])


def _derived(secret: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"policysite second factor")
    return derivation.derive(secret.encode())


def network_of(address: str) -> str | None:
    """The network an address is in: /24 for IPv4, /48 for IPv6; nothing where it is no address."""
    try:
        bits = 24 if ip_address(address).version == 4 else 48
    except ValueError:
        return None
    return str(ip_network(f"{address}/{bits}", strict=False).network_address)
