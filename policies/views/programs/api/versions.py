"""Versions by number, by date and as of an instant, and redlines: public, as the pages are."""

from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema

from policies import clock, evidence, rendering, timeline
from policies.models import Policy, Summary, Version, VersionText
from policies.models.fields import LABEL, Kind, Label
from policies.models.versions import VersionQuerySet
from policies.sign_in import networks
from policies.views.programs.api import instants
from policies.views.programs.api.given import Instant, Language
from policies.views.programs.api.problems import Problem
from policies.views.shared import limits
from policies.views.shared.policy_urls import absolute, path_to

router = Router(tags=["versions"])
LARGEST_NUMBER = 2**31 - 1
# Comparisons that were made before cost nothing; a new one of two long texts may take seconds.
COMPARISONS_PER_MINUTE = 60


class SummaryOut(Schema):
    """The editors' four answers to a reader; `language` is the authors' where the translation has none of its own."""

    language: str
    what_changed: str
    why: str
    impact: str
    what_you_can_do: str


class TextHead(Schema):
    """`summary` is what readers of this language are told."""

    language: str
    title: str
    sha256: str
    authoritative: bool
    summary: SummaryOut


class TextOut(TextHead):
    markdown: str


class DateChangeOut(Schema):
    """One change of the effective date; the reason as the people who were told of the old one read it."""

    at: datetime
    was_effective_at: datetime
    effective_at: datetime
    reason: str


class VersionHead(Schema):
    policy: str
    number: int
    correction: int = Field(..., description="0, or which correction of this number: 2.1 is number 2, correction 1.")
    change_class: str
    published_at: datetime
    effective_at: datetime
    withdrawn_at: datetime | None
    imported: bool
    acceptance: str
    what_changed: str
    manifest_sha256: str
    url: str
    date_changes: list[DateChangeOut] = Field(..., description="Postponed or brought forward, the oldest first.")
    texts: list[TextHead]


class VersionOut(VersionHead):
    texts: list[TextOut]  # type: ignore[assignment]  # the same, with the words


class VersionPage(Schema):
    """The newest first. `next` is the `before` of the next part; null at the end."""

    items: list[VersionHead]
    next: int | None


class PolicyOut(Schema):
    """
    A policy that has something to show. `in_force` and `upcoming` are labels of versions, such as "2" or "2.1".

    `addresses` are those of its pages: `page`, `history`, `feed`, and `current`, the text in force as Markdown.
    """

    policy: str
    title: str
    kind: Kind
    language: str
    time_zone: str
    audiences: list[str] = Field(..., description="Empty: it is for everybody.")
    retired_at: datetime | None
    in_force: str | None
    upcoming: list[str] = Field(..., description="Announced and not yet in effect, the next one first.")
    addresses: dict[str, str]


class Asked(Schema):
    """Which versions: the one in force at an instant, or a part of all."""

    as_of: Instant | None = Field(None, description="Only the one in force then.")
    before: int = Field(LARGEST_NUMBER, ge=1, le=LARGEST_NUMBER, description="Only numbers below this one.")
    limit: int = Field(50, ge=1, le=200)


class Pair(Schema):
    """Two versions to compare, and the language."""

    before: str = Field(..., pattern=f"^{LABEL}$", description="2, or 2.1 for its first correction.")
    after: str = Field(..., pattern=f"^{LABEL}$")
    language: Language | None = None


class RedlineOut(Schema):
    """`recorded`: put on record when a version was published; otherwise made for this call from the two texts."""

    policy: str
    before: int
    before_correction: int
    after: int
    after_correction: int
    language: str
    summary: dict[str, object]
    sections: list[dict[str, object]]
    plain: str
    recorded: bool


class PublicOut(Schema):
    """What was in force and what stood on the public page at an instant, of one policy."""

    policy: str
    in_force: int | None
    announced: int | None
    url: str


@router.get("", response=list[PolicyOut], summary="All policies")
def policies(request: HttpRequest) -> list[PolicyOut]:  # noqa: ARG001 - ninja's signature
    """Those that published something, retired ones too, by their titles."""
    return [_policy_out(each) for each in timeline.of_all(at=clock.now())]


@router.get("/public", response=list[PublicOut], summary="What was public at an instant")
def public(request: HttpRequest, at: Instant) -> list[PublicOut]:  # noqa: ARG001 - ninja's signature
    """Of every policy. For one person, and what they were told and answered: `/people/{id}/applied`."""
    when = instants.given(at)
    in_force = {version.policy_id: version.number for version in Version.objects.in_force(when)}
    announced = evidence.announced_at(when)
    return [
        PublicOut(
            policy=policy.slug,
            in_force=in_force.get(policy.pk),
            announced=announced[policy.pk].number if policy.pk in announced else None,
            url=f"{settings.SITE_URL}/p/{policy.slug}/",
        )
        for policy in Policy.objects.shown(when)
    ]


@router.get("/{slug}/versions", response=VersionPage, summary="All versions, or the one in force at an instant")
def versions(request: HttpRequest, slug: str, asked: Query[Asked]) -> VersionPage:  # noqa: ARG001
    """Without the texts: a version by its number has them."""
    policy = _policy(slug)
    if asked.as_of is not None:
        as_of = asked.as_of if asked.as_of.tzinfo else asked.as_of.replace(tzinfo=policy.zone)
        return VersionPage(items=[as_out(each) for each in _of(policy).in_force(instants.given(as_of))], next=None)
    published = _of(policy).visible(clock.now()).filter(number__lt=asked.before)
    # A page ends between two numbers, so that `before` can name its end: corrections come with what they correct.
    numbers = list(published.filter(correction=0).values_list("number", flat=True)[: asked.limit + 1])
    page = published.filter(number__in=numbers[: asked.limit])
    is_more = len(numbers) > asked.limit
    return VersionPage(items=[as_out(each) for each in page], next=numbers[asked.limit - 1] if is_more else None)


@router.get("/{slug}/versions/{str:label}", response=VersionOut, summary="One version, with its texts")
def version(request: HttpRequest, slug: str, label: str) -> VersionOut:  # noqa: ARG001
    """`label`: 2, or 2.1 for its first correction."""
    found = _version(_policy(slug), label)
    texts = [TextOut(**head(text, found).dict(), markdown=rendering.words_of(text)) for text in found.texts.all()]
    return VersionOut(**{**as_out(found).dict(), "texts": texts})


@router.get("/{slug}/redline", response=RedlineOut, summary="What changed between two versions")
def redline(request: HttpRequest, slug: str, pair: Query[Pair]) -> RedlineOut:
    caller, minute = networks.caller(request), int(clock.now().timestamp() // 60)
    if limits.is_over("compare", caller, per_minute=COMPARISONS_PER_MINUTE, minute=minute):
        raise Problem(429, "too-many", "Too many comparisons in this minute.")
    policy = _policy(slug)
    one, two = _version(policy, pair.before), _version(policy, pair.after)
    text = two.text_in(pair.language or policy.language)
    compared = rendering.comparison_of(one.text_in(text.language), text)
    return RedlineOut(
        policy=policy.slug,
        before=one.number or 0,
        before_correction=one.correction,
        after=two.number or 0,
        after_correction=two.correction,
        language=text.language,
        summary=compared.summary,
        sections=compared.sections,
        plain=compared.plain,
        recorded=compared.bound is not None,
    )


def _policy_out(its_timeline: timeline.Timeline) -> PolicyOut:
    policy, in_force = its_timeline.policy, its_timeline.in_force
    addresses = {"page": "policy", "history": "history", "feed": "atom"}
    found = {said: absolute(path_to(name, policy)) for said, name in addresses.items()}
    if in_force:
        found["current"] = absolute(path_to("current", policy, ending="md"))
    return PolicyOut(
        policy=policy.slug,
        title=policy.title,
        kind=Kind(policy.kind),
        language=policy.language,
        time_zone=policy.time_zone,
        audiences=list(policy.audiences),
        retired_at=policy.retired_at,
        in_force=str(in_force.label) if in_force else None,
        upcoming=[str(each.label) for each in its_timeline.upcoming],
        addresses=found,
    )


def as_out(version: Version) -> VersionHead:
    names = (
        "number",
        "correction",
        "change_class",
        "published_at",
        "effective_at",
        "withdrawn_at",
        "imported",
        "what_changed",
    )
    return VersionHead.model_validate(
        {
            **{name: getattr(version, name) for name in names},
            "policy": version.policy.slug,
            "acceptance": version.acceptance,
            "manifest_sha256": version.manifest_sha256,
            "url": f"{settings.SITE_URL}/p/{version.policy.slug}/v/{version.label}/",
            "date_changes": [DateChangeOut.model_validate(each) for each in version.date_changes.all()],
            "texts": [head(text, version) for text in version.texts.all()],
        }
    )


def head(text: VersionText, version: Version) -> TextHead:
    return TextHead(
        language=text.language,
        title=text.title,
        sha256=text.sha256,
        authoritative=text.authoritative,
        summary=summary_out(version.summary_in(text.language)),
    )


def summary_out(summary: Summary) -> SummaryOut:
    return SummaryOut(**asdict(summary))


def published(slug: str, label: str) -> Version:
    """
    A published version by the address of its policy and its label.

    :raises Http404: if there is none
    """
    return _version(_policy(slug), label)


def _of(policy: Policy) -> VersionQuerySet:
    found = Version.objects.filter(policy=policy).select_related("policy").prefetch_related("texts", "date_changes")
    return found.defer("manifest", "proposal")


def _policy(slug: str) -> Policy:
    """By its address, or by one it once had."""
    policy = Policy.objects.at_address(slug)
    if policy is None:
        raise Http404(f"There is no policy {slug}.")
    return policy


def _version(policy: Policy, written: str) -> Version:
    label = Label.read(written)
    published = policy.versions.visible(clock.now()).prefetch_related("texts")
    found = published.labelled(label).first() if label else None
    if found is None:
        raise Http404(f"{policy.slug} has no version {written}.")
    return found
