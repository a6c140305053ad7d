"""Versions by number, by date and as of an instant, and redlines: public, as the pages are."""

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from policies import clock, rendering
from policies.models import Policy, Version

router = Router(tags=["versions"])


class TextOut(Schema):
    language: str
    title: str
    sha256: str
    authoritative: bool
    markdown: str


class VersionOut(Schema):
    policy: str
    number: int
    change_class: str
    published_at: datetime
    effective_at: datetime
    withdrawn_at: datetime | None
    imported: bool
    acceptance: str
    what_changed: str
    manifest_sha256: str
    url: str
    texts: list[TextOut]


class Pair(Schema):
    """Two versions to compare, and the language."""

    before: int = Field(..., ge=1, le=2**31 - 1)
    after: int = Field(..., ge=1, le=2**31 - 1)
    language: str = Field("", max_length=10)


class RedlineOut(Schema):
    policy: str
    before: int
    after: int
    language: str
    summary: dict[str, object]
    sections: list[dict[str, object]]
    plain: str


@router.get("/{slug}/versions", response=list[VersionOut], summary="All versions, or the one in force at an instant")
def versions(request: HttpRequest, slug: str, as_of: datetime | None = None) -> list[VersionOut]:  # noqa: ARG001
    policy = _policy(slug)
    if as_of is not None:
        as_of = as_of if as_of.tzinfo else as_of.replace(tzinfo=policy.zone)
        found = list(policy.versions.in_force(as_of))
        return [told(version) for version in found]
    published = policy.versions.published().filter(published_at__lte=clock.now()).prefetch_related("texts")
    return [told(version) for version in published[:500]]


@router.get("/{slug}/versions/{int:number}", response=VersionOut, summary="One version")
def version(request: HttpRequest, slug: str, number: int) -> VersionOut:  # noqa: ARG001
    return told(_version(_policy(slug), number))


@router.get("/{slug}/redline", response=RedlineOut, summary="What changed between two versions")
def redline(
    request: HttpRequest,  # noqa: ARG001
    slug: str,
    pair: Query[Pair],
) -> RedlineOut:
    policy = _policy(slug)
    one, two = _version(policy, pair.before), _version(policy, pair.after)
    text = two.text_in(pair.language or policy.language)
    compared = rendering.comparison_of(one.text_in(text.language), text)
    return RedlineOut(
        policy=policy.slug,
        before=pair.before,
        after=pair.after,
        language=text.language,
        summary=compared.summary,
        sections=compared.sections,
        plain=compared.plain,
    )


def told(version: Version) -> VersionOut:
    return VersionOut.model_validate(
        {
            **{
                name: getattr(version, name)
                for name in ("number", "change_class", "published_at", "effective_at", "withdrawn_at", "imported")
            },
            "policy": version.policy.slug,
            "acceptance": version.acceptance,
            "what_changed": version.what_changed,
            "manifest_sha256": version.manifest_sha256,
            "url": f"{settings.SITE_URL}/p/{version.policy.slug}/v/{version.number}/",
            "texts": [
                TextOut(
                    language=text.language,
                    title=text.title,
                    sha256=text.sha256,
                    authoritative=text.authoritative,
                    markdown=text.body,
                )
                for text in version.texts.all()
            ],
        }
    )


def _policy(slug: str) -> Policy:
    policy = Policy.objects.filter(slug=slug).first()
    if policy is None:
        raise Http404(f"There is no policy {slug}.")
    return policy


def _version(policy: Policy, number: int) -> Version:
    # A whole number larger than the database's is just one that no version has.
    found = policy.versions.published().filter(number=number).first() if number < 2**31 else None
    if found is None:
        raise Http404(f"{policy.slug} has no version {number}.")
    return found
