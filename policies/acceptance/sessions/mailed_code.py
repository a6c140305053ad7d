"""
Signing a person in by a code mailed to their address.

What is asked for lies in the session of the browser that asked: without it a code is worth nothing. Who has no account
is mailed nothing and reads the same page, and the mail goes out beside the request: nobody learns here who has one.
"""

import logging
import secrets
import threading
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.crypto import constant_time_compare, salted_hmac

from policies.look import in_use
from policies.mail import plain_mail
from policies.models import Person

log = logging.getLogger(__name__)

ASKED = "policies.code_asked"
PROVED = "policies.address_proved"
MOST_TRIES = 3


class WrongCode(ValueError):
    """The code is not the one that was mailed. `tries_left` says how often another may be typed."""

    def __init__(self, tries_left: int) -> None:
        super().__init__("This is not the code that was mailed.")
        self.tries_left = tries_left


class NothingAsked(ValueError):
    """No code was asked for in this browser, or it is too old, or wrong ones were typed too often."""


def people_at(address: str) -> list[Person]:
    """Everybody with this address, written in capitals or not: a mailbox may hold several accounts."""
    return list(Person.objects.filter(address__iexact=address, erased_at=None).order_by("pk")) if address else []


def ask(session: MutableMapping[str, Any], *, address: str, at: datetime, may_mail: bool) -> None:
    """Note in this session what was asked for, and mail a code to whoever has the address, unless not `may_mail`."""
    code = get_adapter().generate_login_code()
    session[ASKED] = {"address": address, "code": _fingerprint(code), "at": at.timestamp(), "tries": MOST_TRIES}
    session.pop(PROVED, None)
    found = people_at(address)
    mail = _mail(address, code, found)
    if may_mail and found:
        threading.Thread(target=_send, args=[mail], name=f"code-{secrets.token_hex(4)}").start()


def asked_for(session: Mapping[str, Any], *, at: datetime) -> str:
    """
    The address that a code was asked for in this session.

    :raises NothingAsked: if there is none, or its code works no more
    """
    asked = session.get(ASKED)
    if not asked or at.timestamp() - asked["at"] > settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT:
        raise NothingAsked
    return str(asked["address"])


def prove(session: MutableMapping[str, Any], *, code: str, at: datetime) -> list[Person]:
    """
    Use the code up and return the people whose mailbox it was read in, one at least.

    :raises NothingAsked: as `asked_for`, and after the last wrong one
    :raises WrongCode: if it is another
    """
    address = asked_for(session, at=at)
    asked = session[ASKED]
    people = people_at(address)
    if people and constant_time_compare(_fingerprint(code), asked["code"]):
        del session[ASKED]
        session[PROVED] = address
        return people
    asked["tries"] -= 1
    if not asked["tries"]:
        del session[ASKED]
        raise NothingAsked
    session[ASKED] = asked
    raise WrongCode(asked["tries"])


def proved(session: Mapping[str, Any]) -> list[Person]:
    """The people among whom somebody still has to choose, after their code was right: who has that mailbox now."""
    return people_at(str(session.get(PROVED, "")))


def _fingerprint(code: str) -> str:
    """Keyed, and without what people add or leave out: small letters, blanks, the dash in the middle."""
    bare = "".join(letter for letter in code.upper() if letter.isalnum())
    return salted_hmac("policies.acceptance.mailed_code", bare, algorithm="sha256").hexdigest()


def _mail(address: str, code: str, people: Sequence[Person]) -> EmailMessage:
    """Made for every address, and sent beside the request: the page takes as long whether or not somebody has it."""
    # One code for all accounts of a mailbox; which of them, the page asks afterwards.
    words = {"code": code, "accounts": ", ".join(person.account for person in people)}
    body = render_to_string("account/email/login_code_message.txt", words)
    subject = render_to_string("account/email/login_code_subject.txt", words)
    return plain_mail.compose(subject=subject, body=body, to=[address], sender=in_use.legal_sender())


def _send(mail: EmailMessage) -> None:
    try:
        mail.send()
    except Exception:  # whatever a mail server does: nobody waits for the answer
        log.exception("A code could not be mailed; who asked for it reads that it may take a while.")
