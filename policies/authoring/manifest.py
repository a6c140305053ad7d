"""The manifest: canonical JSON of everything that has legal meaning in a version. Approval seals its sha256."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from policies import ledger
from policies.models import PolicyTerms, Version, VersionText
from policies.models.policies import Terms


def build(version: Version) -> str:
    """Write the manifest of a version that is sealed now, under the terms its policy has now."""
    return ledger.canonical_json(_second(version))


def rebuilt(version: Version) -> dict[str, Any]:
    """
    Write the manifest of a sealed version once more from its rows, in the form it was sealed in.

    Its terms are those of that day: they stand in the record of terms, and only the zone stands in the version too.
    """
    as_sealed = json.loads(version.manifest)
    now = _FORMATS[as_sealed["format"]](version)
    if "terms" in as_sealed:
        now["terms"] = {**as_sealed["terms"], "time_zone": version.time_zone}
    return now


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


def described_terms(terms: Terms) -> dict[str, object]:
    """Give terms as records say them, whatever their columns are called: an audience is a list of tags."""
    return {
        "time_zone": terms.time_zone,
        "language": terms.language,
        "audience": list(terms.audiences),
        "has_accounts": terms.has_accounts,
        "acceptance": terms.acceptance,
        "grace_days": terms.grace_period_days,
        "renewal_months": terms.renewal_months,
        "optional": terms.is_optional,
        "solo": terms.solo,
    }


def recorded_terms(row: PolicyTerms, *, before: Mapping[str, object] | None) -> dict[str, object]:
    """Give what the leaf of recorded terms binds: all of them, and those they replace."""
    return {
        "policy": row.policy.uid.hex,
        "number": row.number,
        "terms": described_terms(row),
        "before": before,
        "reason": row.reason,
        "proposed_by": row.proposed_by_id,
        "approved_by": row.approved_by_id,
        "alone": row.alone,
    }


def _first(version: Version) -> dict[str, Any]:
    """Format 1: what was sealed names its policy by the database's key, and says nothing of its terms."""
    return {
        "format": 1,
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


def _second(version: Version) -> dict[str, Any]:
    """Format 2: decision 081 says what each entry is for."""
    return _first(version) | {
        "format": 2,
        "policy": version.policy.uid.hex,
        "based_on": str(version.based_on.label) if version.based_on else None,
        "corrects": str(version.corrects.label) if version.corrects else None,
        "visible_from": _instant(version.visible_from),
        "terms": described_terms(version.policy),
    }


_FORMATS: dict[int, Callable[[Version], dict[str, Any]]] = {1: _first, 2: _second}


def _instant(at: datetime | None) -> str | None:
    return ledger.instant(at) if at else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
