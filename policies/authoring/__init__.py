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

__all__ = [
    "EDITABLE",
    "AlreadyPublished",
    "EditedMeanwhile",
    "Imported",
    "Retired",
    "TextInput",
    "content_of",
    "discard",
    "import_draft",
    "locked_draft",
    "rebase",
    "restore",
    "save_draft",
    "start_draft",
]
