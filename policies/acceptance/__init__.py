"""ACCEPT: what a person still has to answer, and recording the answer."""

from policies.acceptance.answering import (
    UNDO_PERIOD,
    AlreadyAgreed,
    Circumstances,
    NotOpen,
    NotTheirs,
    Refused,
    Showing,
    StaleScreen,
    Superseded,
    TooLate,
    accept,
    can_undo,
    decline,
    note_displayed,
    rebuild_standing,
    withdraw,
)
from policies.acceptance.leaving import ask_for_deletion
from policies.acceptance.outstanding import Question, Stage, outstanding, question_about, version_to_answer

__all__ = [
    "UNDO_PERIOD",
    "AlreadyAgreed",
    "Circumstances",
    "NotOpen",
    "NotTheirs",
    "Question",
    "Refused",
    "Showing",
    "Stage",
    "StaleScreen",
    "Superseded",
    "TooLate",
    "accept",
    "ask_for_deletion",
    "can_undo",
    "decline",
    "note_displayed",
    "outstanding",
    "question_about",
    "rebuild_standing",
    "version_to_answer",
    "withdraw",
]
