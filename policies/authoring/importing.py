"""Import a text that was written elsewhere, as a draft."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from policies.authoring.drafts import TextInput, save_draft, start_draft
from policies.models import AuditEvent, Policy, User, Version
from policies.text import reading
from policies.text.meaning import stated_dates


@dataclass(frozen=True)
class Imported:
    """The draft an import made and what was read in the source (title, dates, warnings)."""

    version: Version
    reading: reading.Reading


@transaction.atomic
def import_draft(
    *, policy: Policy, source: bytes, filename: str, language: str, title: str = "", by: User, at: datetime
) -> Imported:
    """
    Make a draft of a text. A title given wins over the one read; where neither exists, it is the policy's own.

    The date that a text in the policy's own language states of itself becomes the one the page will show, to the day
    or to the month as it is written there.

    :raises TextRejected: if the file is empty, too large, not a text, or of a format that is not read
    :raises Retired: if the policy is retired
    """
    found = reading.read(source, filename=filename)
    draft = start_draft(policy=policy, by=by, at=at)
    name = title or found.title or policy.title
    kept = [TextInput.of(text) for text in draft.texts.exclude(language=language)]
    dates = _date_of(found) if language == policy.language else {}
    save_draft(version=draft, by=by, at=at, fields=dates, texts=[*kept, TextInput(language, name, found.markdown)])
    file = AuditEvent.file_name(filename)
    AuditEvent.record("version.imported", version=draft, by=by, at=at, file=file, sha256=found.sha256)
    draft.refresh_from_db()
    return Imported(version=draft, reading=found)


def _date_of(found: reading.Reading) -> dict[str, object]:
    """The fields of a draft that say when it was last updated; a month stands as its first day."""
    stated = stated_dates.last_updated(found.dates)
    if stated is None:
        return {}
    day = date.fromisoformat(stated.value if stated.precision == "day" else f"{stated.value}-01")
    return {"stated_date": day, "date_precision": stated.precision}
