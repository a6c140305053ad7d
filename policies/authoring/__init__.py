"""AUTHOR: start a draft, edit it, import one."""

from policies.authoring.drafts import (
    EDITABLE,
    AlreadyPublished,
    EditedMeanwhile,
    Retired,
    TextInput,
    content_of,
    discard,
    locked_draft,
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
    "EditedMeanwhile",
    "Imported",
    "Retired",
    "TextInput",
    "TierReading",
    "content_of",
    "discard",
    "import_draft",
    "locked_draft",
    "rebase",
    "record_promise",
    "restore",
    "save_draft",
    "start_draft",
]
