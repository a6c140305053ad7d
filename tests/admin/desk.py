"""What a person at the desk does with a page: read its form, change some fields, send it."""

from typing import Any

from django.test import Client

from policies.admin.desk.page_links import version_url
from policies.models import Version
from tests import factories

MATERIAL: dict[str, Any] = {
    "change_class": "material",
    "reasons": ["retention"],
    "written_reason": "Data is kept longer.",
    "what_changed": "We keep your data for two years.",
    "why": "The law asks for it.",
    "impact": "We know you for longer.",
    "what_you_can_do": "Close your account.",
    "acceptance": "none",
}


WRITTEN = ("written_reason", "lowering_reason", "override_reason", "what_changed", "why", "impact", "what_you_can_do")


def form_of(version: Version, **changes: Any) -> dict[str, Any]:
    """The draft's form as the page shows it, with `changes`; None removes a field, as an unticked box does."""
    latest = version.revisions.first()
    form: dict[str, Any] = {
        **{name: getattr(version, name) for name in WRITTEN},
        "expected_revision": latest.number if latest else "",
        "languages": [text.language for text in version.texts.all()] or [version.policy.language],
        "change_class": version.change_class,
        "reasons": version.reasons,
        "acceptance": version.acceptance,
        "date_precision": version.date_precision,
    }
    for text in version.texts.all():
        form |= {f"text-{text.language}-title": text.title, f"text-{text.language}-body": text.body}
        form |= {f"text-{text.language}-{name}": words for name, words in text.answers.items()}
    return {name: value for name, value in {**form, **changes}.items() if value is not None}


def save(client: Client, version: Version, **changes: Any) -> Any:
    """Press “Save draft”."""
    return client.post(version_url(version), {**form_of(version, **changes), "_save": ""})


def press(client: Client, version: Version, verb: str, **data: Any) -> Any:
    """Press the button of a verb's own page."""
    return client.post(version_url(version, verb), data)


def seen_manifest(client: Client, version: Version, verb: str) -> str:
    """The fingerprint that the page carries in its form."""
    page = client.get(version_url(version, verb))
    return str(page.context["desk"].manifest_sha256)


def material_draft() -> Version:
    """A complete material draft over a published version."""
    policy = factories.make_version().policy
    return factories.make_draft(policy, body=factories.NEXT_BODY, **MATERIAL)
