"""What these tests share: a policy that asks, and what was on a screen."""

from datetime import UTC, datetime
from typing import Any

from policies.acceptance import Circumstances, Showing
from policies.models import Acceptance, Act, Person, Policy, Version
from tests import people
from tests.factories import make_policy, make_version

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BY_FORM = Circumstances(method=Act.Method.FORM, strength=Act.Strength.CODE)


def asking_policy(**fields: Any) -> Policy:
    """A policy whose material changes ask each person."""
    return make_policy(acceptance=Acceptance.EXPLICIT, title="Terms of Service", **fields)


def asking_version(policy: Policy, *, effective_at: datetime, **fields: Any) -> Version:
    """A published version that asks, in effect from `effective_at` on."""
    fields = {"published_at": min(effective_at, NOW), "acceptance": Acceptance.EXPLICIT, **fields}
    return make_version(policy, effective_at=effective_at, **fields)


def uma() -> Person:
    """Uma, as the person whom policies bind."""
    person = people.uma().person
    assert person is not None
    return person


def screen_of(version: Version, **fields: Any) -> Showing:
    """What a person saw when they answered about `version`."""
    text = version.text_in("en")
    fields = {"text_sha256": text.sha256, "manifest_sha256": version.manifest_sha256, **fields}
    return Showing(language=text.language, **fields)
