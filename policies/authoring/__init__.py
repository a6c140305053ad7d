"""AUTHOR: start a draft, edit it, import one."""

from policies.authoring.corrections import CarriedText, NotCorrectable, carried_of, is_open, start_correction
from policies.authoring.drafts import (
    EDITABLE,
    AlreadyPublished,
    EditedMeanwhile,
    Follows,
    Retired,
    TextInput,
    content_of,
    discard,
    locked_draft,
    own_draft,
    rebase,
    restore,
    save_draft,
    start_draft,
)
from policies.authoring.importing import Imported, import_draft
from policies.authoring.promise_readings import TierReading, record_promise

__all__ = [
    "EDITABLE",
    "AlreadyPublished",
    "CarriedText",
    "EditedMeanwhile",
    "Follows",
    "Imported",
    "NotCorrectable",
    "Retired",
    "TextInput",
    "TierReading",
    "carried_of",
    "content_of",
    "discard",
    "import_draft",
    "is_open",
    "locked_draft",
    "own_draft",
    "rebase",
    "record_promise",
    "restore",
    "save_draft",
    "start_correction",
    "start_draft",
]
