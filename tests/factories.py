"""Rows for tests, one plain function a noun. Whatever a test does not care about has a sensible value."""

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from policies import authoring, clock, publishing, rendering, review
from policies.authoring import TextInput, manifest
from policies.look import in_use
from policies.models import Appearance, Person, Policy, User, Version, VersionText
from policies.text.source import canonical
from tests import people

_serial = count(1)
# One dot.
LOGO = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63e0f28af90f0002c201b0a5"
    "12647f0000000049454e44ae426082"
)

BODY = """\
We keep this page short so that it is read.

## What we collect

Your name and your address, when you open an account.

- name
- address

## How long we keep it

We keep your data for one year after you leave.

| What | How long |
| --- | ---: |
| Invoices | 10 years |
| Messages | 1 year |

## Changes to this policy

We tell you by e-mail 30 days before a material change takes effect.
"""
NEXT_BODY = BODY.replace("one year after", "two years after").replace("- address\n", "- address\n- telephone number\n")


def days_ago(days: float) -> datetime:
    """An instant before now."""
    return clock.now() - timedelta(days=days)


def in_days(days: float) -> datetime:
    """An instant after now."""
    return clock.now() + timedelta(days=days)


def make_policy(**fields: Any) -> Policy:
    """A policy of everybody's, with dates to the day in UTC."""
    number = next(_serial)
    fields = {"slug": f"policy-{number}", "title": "Privacy Policy", "contact": "privacy@example.org", **fields}
    return Policy.objects.create(**fields)


def change_terms(policy: Policy, **terms: Any) -> None:
    """Other terms for a policy, published or not, as rows: whoever approves them is tested where they are approved."""
    number = policy.terms_on_record.count() + 1
    policy.terms_on_record.create(number=number, at=clock.now(), **{**policy.terms, **terms})
    Policy.objects.filter(pk=policy.pk).update(**terms)


def add_translation(version: Version, text: TextInput, *, at: datetime | None = None) -> VersionText:
    """A late translation: Edith hands it in, Ravi approves it."""
    at = at or clock.now()
    proposal = publishing.propose_translation(version=version, text=text, by=people.edith(), at=at)
    seen = publishing.fingerprint_of(proposal)
    return publishing.approve_translation(proposal=proposal, seen=seen, by=people.ravi(), at=at)


def make_draft(policy: Policy | None = None, *, body: str = BODY, title: str = "", **fields: Any) -> Version:
    """A draft with an authoritative text, based on the latest standing version."""
    policy = policy or make_policy()
    by = fields.pop("started_by", None) or people.edith()
    short_version = fields.pop("short_version", "")
    at = fields.pop("at", None) or clock.now()
    base = policy.versions.standing().first()
    fields = {"based_on": base, "date_precision": policy.date_precision, **fields}
    draft = Version.objects.create(policy=policy, started_by=by, started_at=at, edited_at=at, **fields)
    make_text(draft, body=body, title=title, language=policy.language, authoritative=True, short_version=short_version)
    return draft


def make_text(version: Version, *, language: str, body: str = BODY, title: str = "", **fields: Any) -> VersionText:
    """The version in one more language."""
    body = canonical.canonicalize(body)
    title = title or version.policy.title
    return VersionText.objects.create(
        version=version, language=language, title=title, body=body, sha256=canonical.fingerprint(body), **fields
    )


def make_version(
    policy: Policy | None = None,
    *,
    published_at: datetime | None = None,
    effective_at: datetime | None = None,
    translations: dict[str, str] | None = None,
    answers: dict[str, dict[str, str]] | None = None,
    **fields: Any,
) -> Version:
    """
    A published version with the policy's next number, rendered, in effect from its publication on.

    It is put on the record as rows: what publishing refuses and records is tested where publishing is.
    `translations` maps a language to a body, `answers` to what that translation's summary says.
    """
    policy = policy or make_policy()
    latest = policy.versions.published().first()
    number = (latest.number or 0) + 1 if latest else 1
    published_at = published_at or days_ago(30)
    withdrawn_at = fields.pop("withdrawn_at", None)
    draft = make_draft(policy, at=published_at, **fields)
    for language, body in (translations or {}).items():
        make_text(draft, language=language, body=body, **(answers or {}).get(language, {}))
    rendering.record(draft, at=published_at)
    sealed = manifest.build(draft)
    Version.objects.filter(pk=draft.pk).update(
        status=Version.Status.PUBLISHED,
        number=number,
        published_at=published_at,
        effective_at=effective_at or published_at,
        withdrawn_at=withdrawn_at,
        manifest=sealed,
        manifest_sha256=manifest.fingerprint(sealed),
        time_zone=policy.time_zone,
    )
    return Version.objects.get(pk=draft.pk)


def make_person(**fields: Any) -> Person:
    """Somebody bound by policies since 2024."""
    number = next(_serial)
    fields = {"address": f"person{number}@example.org", "joined_at": datetime(2024, 1, 1, tzinfo=UTC), **fields}
    return Person.objects.create(external_id=f"person-{number}", **fields)


def make_look(*, used_at: datetime | None = None, logo: bytes = b"", **fields: Any) -> Appearance:
    """A look, in use since an instant or prepared."""
    by = people.edith()
    fields = {"prepared_by": by, "prepared_at": used_at or clock.now(), **fields}
    fields |= {"by": by, "at": used_at} if used_at else {}
    name = hashlib.sha256(logo).hexdigest() if logo else ""
    made = Appearance.objects.create(logo=logo, logo_sha256=name, **fields)
    in_use.forget()
    return made


def make_user(**fields: Any) -> User:
    """A credential without a role."""
    number = next(_serial)
    return User.objects.create_user(f"user{number}@example.org", people.PASSWORD, name=f"User {number}", **fields)


GERMAN = {
    "what_changed": "Wir speichern Ihre Daten zwei Jahre.",
    "why": "So lange können Rechnungen angefochten werden.",
    "impact": "Ihre Daten bleiben ein Jahr länger bei uns.",
    "what_you_can_do": "Schreiben Sie uns, dann löschen wir sie früher.",
}
MATERIAL: dict[str, Any] = {
    "change_class": "material",
    "reasons": ["retention"],
    "what_changed": "We keep your data for two years.",
    "why": "Invoices can be questioned for that long.",
    "impact": "Your data stays with us a year longer.",
    "what_you_can_do": "Write to us, and we delete it earlier.",
}


def make_approved(
    policy: Policy | None = None, *, body: str = NEXT_BODY, at: datetime | None = None, **fields: Any
) -> Version:
    """A version that Edith wrote and Ravi approved, by the verbs; material unless `fields` say otherwise."""
    at = at or clock.now()
    policy = policy or make_policy()
    version = authoring.start_draft(policy=policy, by=people.edith(), at=at)
    texts = [authoring.TextInput(policy.language, policy.title, body)]
    fields = {**MATERIAL, **fields}
    if fields["change_class"] != "material":
        fields.setdefault("lowering_reason", "Nothing that people rely on changes.")
    authoring.save_draft(version=version, by=people.edith(), at=at, texts=texts, fields=fields)
    review.submit(version=version, by=people.edith(), at=at)
    review.approve(version=version, by=people.ravi(), at=at, agrees_to_override=bool(fields.get("override_reason")))
    return Version.objects.get(pk=version.pk)
