"""Every kind of problem that programs are told of: its status, and what to do. Its page is at `/problems/<code>`."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    """
    :ivar status: of the answers that have it; several where it depends
    :ivar means: what happened, and what to do
    """

    status: str
    means: str | Promise


KINDS = {
    "acceptance-required": Kind(
        "403",
        _("Terms are in force and wait for this person’s answer. Send them to “accept_url”."),
    ),
    "already-accepted": Kind(
        "409",
        _("This person has accepted this version already. Nothing was recorded; “act” names the answer."),
    ),
    "already-closed": Kind("409", _("The account has been closed. Nothing is asked of it any more.")),
    "away": Kind("503", _("The database is away, or is being brought up to date. Ask again in half a minute.")),
    "bad-token": Kind(
        "401",
        _("The token is missing, not signed with HOST_KEY, or too old. Let your server make a new one."),
    ),
    "contradictory": Kind("409", _("Both answers to one document were given. Nothing was recorded; give one.")),
    "day-ahead": Kind("409", _("The day has not begun yet in the policy’s time zone. Tell it when it has.")),
    "forbidden": Kind("403", _("This is for somebody else, or a session is over. Sign in again, or use another key.")),
    "idempotency-key-needed": Kind(
        "422",
        _(
            "An answer is sent with an Idempotency-Key of 8 to 200 characters, so that a second try records "
            "nothing twice."
        ),
    ),
    "idempotency-key-reused": Kind(
        "422",
        _("The same Idempotency-Key came with another answer. Make a new key for each answer."),
    ),
    "key-needed": Kind("401", _("The call needs a key: Authorization: Bearer psk_… Make one at the desk.")),
    "malformed": Kind(
        "400, 422",
        _(
            "The request is not what this call takes. “errors” says what is wrong where; the description of "
            "the API says what it takes."
        ),
    ),
    "method-not-allowed": Kind(
        "405",
        _("The address does not take this method. The description of the API says which it takes."),
    ),
    "no-reason": Kind("409", _("The reason is missing. Say why; it is kept on the record.")),
    "not-as-published": Kind(
        "503",
        _("What is stored is not what was published, so nobody is shown it. The operators have to look."),
    ),
    "not-found": Kind("404", _("There is nothing at this address, or nothing that is public yet.")),
    "not-open": Kind(
        "409",
        _("The version is a draft, was withdrawn, or is of another policy. Ask again what is outstanding."),
    ),
    "not-plausible": Kind("409", _("The answer cannot have been given as it says. Correct when and how it was given.")),
    "not-theirs": Kind("403", _("The policy does not bind this person, or the answer is somebody else’s.")),
    "our-fault": Kind("500", _("Something failed on our side and was logged. Tell the operators the X-Request-ID.")),
    "refused": Kind("409", _("The answer cannot be recorded. The title says why.")),
    "return-not-allowed": Kind("422", _("“return_to” is on no origin of HAND_OVER_ORIGINS. Let the operators add it.")),
    "scope-missing": Kind(
        "403",
        _("The key has not the scope that this call needs. Make one that has it, at the desk."),
    ),
    "stale-render": Kind(
        "409",
        _(
            "What was on the screen is not, or no longer, what the version says. Show the version again, then "
            "send the answer."
        ),
    ),
    "tls-needed": Kind(
        "403",
        _("The call came without TLS. Call https:// alone, and change the key: it was sent in the clear."),
    ),
    "too-large": Kind("413", _("The body is larger than 2 MB. Send it in parts.")),
    "too-late": Kind("409", _("The time for undoing is over.")),
    "too-many": Kind("429", _("Too many calls in one minute. Wait for as long as Retry-After says.")),
    "too-many-at-once": Kind("413", _("Too many people in one call. Send them in parts.")),
    "too-much-work": Kind(
        "503",
        _("These texts take more work than one call may. Ask for other versions, or compare them on the site."),
    ),
    "unknown-version": Kind("422", _("There is no such published version of this policy.")),
    "version-superseded": Kind(
        "409",
        _("A newer version was published meanwhile. “current” names it: show that one, then send the answer."),
    ),
}
