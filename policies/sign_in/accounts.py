"""
Accounts: signed in to by a code sent by mail or a password. Nobody signs up by themselves.

Every change of how somebody signs in is on the record and told to the address of their account.
"""

import logging
import re
import secrets
import time
from collections import deque
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as context_of
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from policies import account_mail, clock
from policies.acceptance.sessions import open_sessions
from policies.acceptance.sessions.open_sessions import Whose
from policies.look import in_use
from policies.models import AuditEvent, User
from policies.notices.queue import periodic_jobs
from policies.notices.returns import mail_addresses
from policies.sign_in import known_browsers, networks, showing_again

log = logging.getLogger(__name__)

# The roles and things of every site like this one.
OUR_WORDS = {
    "policysite",
    "policy",
    "policies",
    "password",
    "author",
    "approver",
    "publisher",
    "counsel",
    "support",
    "admin",
}
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
        return not showing_again.has_just_signed_in(context_of.request)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Who counts as one caller; a browser that signed in with the typed address before counts by itself."""
        typed = request.POST.get("login") or request.POST.get("email") or ""
        return known_browsers.bucket(request, typed) or networks.caller(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: object) -> str:
        """Wrong passwords slow down one account from one network: a stranger elsewhere locks nobody out."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        known = known_browsers.bucket(request, str(credentials.get("email") or ""))
        return f"{key}:{known or networks.network_of(networks.address_of(request)) or ''}"

    def pre_login(
        self, request: HttpRequest, user: User, *, email: str | None, **kwargs: object
    ) -> HttpResponse | None:
        """Nobody signs in by an address that the desk has taken away meanwhile, neither by a code that went there."""
        if email and email.casefold() != user.email.casefold():
            log.warning("User %s was not signed in by a former address", user.pk)
            raise ImmediateHttpResponse(redirect("account_login"))
        return cast("HttpResponse | None", super().pre_login(request, user, email=email, **kwargs))

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign somebody in, and write down where."""
        super().login(request, user)
        browser, network = request.headers.get("User-Agent", ""), networks.network_kept(request)
        open_sessions.note(request.session, user=user, browser=browser, network=network, at=clock.now())

    def post_login(self, request: HttpRequest, user: User, **kwargs: object) -> HttpResponse:
        how = "+".join(record["method"] for record in showing_again.records_of(request))
        log.info("User %s signed in by %s", user.pk, how)
        response = cast("HttpResponse", super().post_login(request, user, **kwargs))
        known_browsers.remember(request, response, address=user.email)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: object) -> None:
        """By whom is told by a keyed hash: what was typed may be anybody's address."""
        address = str(credentials.get("email", ""))
        log.warning("A password was wrong, for %s", mail_addresses.fingerprint(address)[:12])
        super().authentication_failed(request, **credentials)

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
        context: dict[str, object] | None = None,  # noqa: ARG002 - allauth's signature
        email: str | None = None,  # noqa: ARG002 - allauth's signature
    ) -> None:
        """
        Put a change of somebody's credentials on the record, have the address of their account told, and end where else
        they are signed in.

        That address is the desk's, not one of allauth's own table. The change stands whatever a mail server says.
        """
        what = template_prefix.rpartition("/")[2]
        with transaction.atomic():
            event = AuditEvent.record(f"credential.{what}", by=user, at=clock.now(), user=user.pk)
            account_mail.announce(event, user=user, words=template_prefix)
            request = context_of.request
            is_here = getattr(request, "user", None) == user
            keep = request.session.session_key if is_here else None
            open_sessions.end_all(Whose.of(user), by=user, at=event.at, keep=keep)


class NotOurWords:
    """No password is little more than words that everybody knows who knows this site (OWASP ASVS 6.2.11)."""

    SHORTEST_REST = 8

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002 - Django's signature
        host = urlsplit(settings.SITE_URL).hostname or ""
        words = {
            *re.findall(r"\w{4,}", f"{settings.ORGANIZATION} {in_use.organization()} {host}".casefold()),
            *OUR_WORDS,
        }
        rest = password.casefold()
        for word in sorted(words, key=len, reverse=True):
            rest = rest.replace(word, "")
        if len(rest) < self.SHORTEST_REST:
            raise ValidationError(self.get_help_text(), code="our-words")

    def get_help_text(self) -> str:
        return _("Beside the names of this organization and site it needs eight characters of its own.")


def _may_be_told(address: str) -> bool:
    """Take the place of an address among those of a day. Two may share one; nothing is kept of them."""
    local, _at, domain = address.rpartition("@")
    # Whoever reads uma@ reads uma+1@, too.
    place = int(mail_addresses.fingerprint(f"{local.partition('+')[0]}@{domain}"), 16) % TOLD_A_DAY
    return periodic_jobs.is_mine(f"tell an address without account {place}", every=timedelta(days=1), at=clock.now())
