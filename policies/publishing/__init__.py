"""PUBLISH: publish, postpone, withdraw before effect, rename and retire; the promise check; the rehearsal."""

from policies.publishing.promise_check import Check, Line, PromiseBroken
from policies.publishing.refusals import (
    NotApproved,
    NotPublished,
    OutOfDate,
    OutOfOrder,
    PolicyRetired,
    Refused,
    SlugTaken,
    TooLate,
    TooSoon,
)
from policies.publishing.rehearsal import Rehearsal, rehearse
from policies.publishing.translations import add_translation
from policies.publishing.verbs import (
    confirm_unchanged,
    next_number,
    postpone,
    publish,
    record_past,
    rename,
    retire,
    withdraw,
)

__all__ = [
    "Check",
    "Line",
    "NotApproved",
    "NotPublished",
    "OutOfDate",
    "OutOfOrder",
    "PolicyRetired",
    "PromiseBroken",
    "Refused",
    "Rehearsal",
    "SlugTaken",
    "TooLate",
    "TooSoon",
    "add_translation",
    "confirm_unchanged",
    "next_number",
    "postpone",
    "publish",
    "record_past",
    "rehearse",
    "rename",
    "retire",
    "withdraw",
]
