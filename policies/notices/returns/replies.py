"""
What a mail server's answer means for a delivery, for its notice and for the route. When to try again: `send.retrying`.

Codes are those of RFC 5321 4.2 and RFC 3463. A refusal that blames *us* (policy, authentication, a banner that turns
everybody away) never ends a recipient's delivery: it pauses the notice until somebody has looked.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from policies.models import Delivery

# A mailbox that is full may be emptied (RFC 3463, 3.3).
MAILBOX_FULL = "5.2.2"
# The address is no address to this server: somebody should look at where it came from.
BAD_SYNTAX = {501, 553, 400, 422}
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class Phase(StrEnum):
    """How far a try came. The server takes responsibility at the end of TEXT, never before."""

    CONNECT = "connect"
    HELLO = "hello"
    TLS = "tls"
    SIGN_IN = "sign-in"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    TEXT = "text"
    LOST = "lost"


# Nothing has been said of a recipient yet: an answer is about us.
ABOUT_US = {Phase.CONNECT, Phase.HELLO, Phase.TLS, Phase.SIGN_IN, Phase.MAIL}


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    # Final for this recipient.
    REFUSED = "refused"
    # Later again, for this recipient.
    DEFERRED = "deferred"
    # Nothing is wrong with the recipient: the server wants us to slow down, or cannot be reached.
    ROUTE_HELD = "route held"
    # The server refuses us altogether.
    OURS = "ours"
    UNCERTAIN = "uncertain"
    UNSENT = "unsent"


class Reply(NamedTuple):
    """One answer of the server, on one line."""

    code: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()

    @property
    def enhanced_code(self) -> str:
        found = ENHANCED.match(self.text)
        return found[0] if found else ""

    @property
    def is_greylisting(self) -> bool:
        """A greylisting server (RFC 6647, 4.1) wants some minutes to pass."""
        return self.code == 451 or (400 <= self.code < 500 and "greylist" in self.text.lower())


def judge(phase: Phase, reply: Reply) -> Verdict:
    """What an answer in this phase means."""
    if phase == Phase.TEXT and reply.code == 250:
        return Verdict.ACCEPTED
    if 400 <= reply.code < 500:
        return _judge_temporary(phase, reply)
    if reply.enhanced_code == MAILBOX_FULL or (reply.code == 552 and not reply.enhanced_code):
        return Verdict.DEFERRED
    return Verdict.OURS if blames_us(phase, reply) else Verdict.REFUSED


def blames_us(phase: Phase, reply: Reply) -> bool:
    """Whether a permanent refusal is about the sender and not about the recipient."""
    if phase in ABOUT_US:
        return True
    return reply.enhanced_code.startswith("5.7.") or reply.code in {530, 535, 538}


def judge_http(code: int) -> Verdict:
    """What the status of a provider's answer to a POST means (RFC 9110, 15). 0: there was no answer."""
    if code in {408, 409, 425}:
        # It did not take this request, or is still at an earlier one under the same key.
        return Verdict.DEFERRED
    if code == 429:
        return Verdict.ROUTE_HELD
    if code in {401, 402, 403, 404, 405, 407}:
        return Verdict.OURS
    return Verdict.REFUSED if 400 <= code < 500 else Verdict.UNCERTAIN


def flaw(reply: Reply) -> str:
    """The reason a refusal gives for looking at where the address came from, if it does."""
    return Delivery.Reason.BAD_ADDRESS if reply.code in BAD_SYNTAX or reply.enhanced_code == "5.1.3" else ""


def _judge_temporary(phase: Phase, reply: Reply) -> Verdict:
    return Verdict.ROUTE_HELD if phase in ABOUT_US or reply.code == 421 else Verdict.DEFERRED
