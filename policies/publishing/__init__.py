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
from policies.publishing.terms import (
    AnotherIsOpen,
    SecondPersonThere,
    alone_from,
    approve_terms,
    others_who_approve,
    propose_terms,
    put_due_into_force,
    refuse_solo,
    set_solo,
    take_back_terms,
)
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
    "AnotherIsOpen",
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
    "SecondPersonThere",
    "SlugTaken",
    "TooLate",
    "TooSoon",
    "add_translation",
    "alone_from",
    "approve_terms",
    "confirm_unchanged",
    "next_number",
    "others_who_approve",
    "postpone",
    "propose_terms",
    "publish",
    "put_due_into_force",
    "record_past",
    "refuse_solo",
    "rehearse",
    "rename",
    "retire",
    "set_solo",
    "take_back_terms",
    "withdraw",
]
