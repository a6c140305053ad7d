"""The manifest: canonical JSON of everything that has legal meaning in a version. Approval seals its sha256."""

import hashlib
from datetime import date, datetime

from policies import ledger
from policies.models import Version, VersionText

FORMAT = 1


def build(version: Version) -> str:
    """Write the manifest of a version as it stands now."""
    return ledger.canonical_json(
        {
            "format": FORMAT,
            "policy": version.policy_id,
            "based_on": version.based_on.number if version.based_on else None,
            "class": version.change_class,
            "tier": version.tier,
            "reasons": sorted(version.reasons),
            "written_reason": version.written_reason,
            "lowering_reason": version.lowering_reason,
            "override_reason": version.override_reason,
            "retroactive": version.retroactive,
            "acceptance": version.acceptance,
            "summary": version.answers,
            "date_precision": version.date_precision,
            "stated_date": _day(version.stated_date),
            "effective_at": _instant(version.effective_at),
            "texts": [described(text) for text in version.texts.order_by("language")],
        }
    )


def sealed(text: VersionText) -> str:
    """What a late translation's leaf binds by its sha256: the entry it would have had in the version's manifest."""
    return ledger.canonical_json(described(text))


def fingerprint(manifest: str) -> str:
    """The sha256 of a manifest, in 64 hex digits."""
    return hashlib.sha256(manifest.encode()).hexdigest()


def described(text: VersionText) -> dict[str, object]:
    """
    Give what of one language is sealed.

    A text without answers of its own has no "summary" at all: so what was sealed before there were any stays as it is.
    """
    entry: dict[str, object] = {
        "language": text.language,
        "authoritative": text.authoritative,
        "title": text.title,
        "short_version": text.short_version,
        "sha256": text.sha256,
    }
    return {**entry, "summary": text.answers} if text.answered else entry


def _instant(at: datetime | None) -> str | None:
    return ledger.instant(at) if at else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
