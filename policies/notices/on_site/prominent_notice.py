"""
The prominent notice: what a person is shown on pages until they answer, put it away, or it is no longer needed.

It is the second, lossless channel: whom mail does not reach is told here. That it was shown first, and where, is kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from policies import date_formats
from policies.models import Acceptance, Delivery, DeliveryFact, Notice, NoticeSeen, Person, Standing, Summary, Version
from policies.models.policies import is_for
from policies.models.versions import VersionQuerySet
from policies.notices.write import mail_links

# A change that asks nothing is shown until it takes effect, and for at least this long; to whom no mail reached, until
# they put it away.
SHOWN_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Prominent:
    """One announcement, ready for a page. `asks`: the person has to answer; otherwise they can put it away."""

    version: Version
    title: str
    words: str
    summary: Summary
    url: str
    label: str
    asks: bool


def for_person(person: Person, *, asked: Sequence[Version], at: datetime, language: str = "") -> tuple[Prominent, ...]:
    """
    What a person is to be shown at `at`: what they are `asked` about, then the news, the next to take effect first.

    `asked` are the versions they have to answer and did not decline, as acceptance says.
    """
    numbers = {(version.policy_id, version.number) for version in asked}
    news = [version for version in announced_to(person, at=at) if (version.policy_id, version.number) not in numbers]
    # Where a version that people are told of was corrected since, having seen it counts for what they are told of.
    told = {(each.policy_id, each.number): each for each in _told(asked)}
    shown = [(told.get((each.policy_id, each.number), each), True) for each in asked] + [(each, False) for each in news]
    return tuple(_prominent(version, at, language or person.language, asks=asks) for version, asks in shown)


def announced_to(person: Person, *, at: datetime) -> VersionQuerySet:
    """The versions that ask nothing, of which a person still needs the notice at `at`."""
    newer = Version.objects.standing().filter(
        policy=OuterRef("policy"), number__gt=OuterRef("number"), tells_people=True, published_at__lte=at
    )
    noted = NoticeSeen.objects.filter(person=person, version=OuterRef("pk"), noted_at__isnull=False)
    is_news = Q(effective_at__gt=at) | Q(published_at__gt=at - SHOWN_FOR)
    told = (
        Version.objects.standing()
        .filter(
            is_for(person.audiences, of="policy__"),
            ~Exists(newer),
            tells_people=True,
            imported=False,
            published_at__lte=at,
            policy__retired_at=None,
        )
        .exclude(acceptance=Acceptance.EXPLICIT)
    )
    return (
        told.filter(is_news | Q(pk__in=_unreached(person, told)), effective_at__gt=person.joined_at)
        .filter(~Exists(noted), ~Exists(_answered(person)))
        .select_related("policy", "based_on")
        .with_summaries()
        .order_by("effective_at", "pk")
    )


def _answered(person: Person) -> QuerySet[Standing]:
    """Where somebody declined what rests on use, the notice has done its work."""
    return Standing.objects.filter(person=person, policy=OuterRef("policy")).filter(
        Q(agreed_number__gte=OuterRef("number"))
        | Q(declined_number__gte=OuterRef("number"))
        | Q(waived_number__gte=OuterRef("number"))
    )


def _told(asked: Sequence[Version]) -> VersionQuerySet:
    same = Q()
    for version in asked:
        same |= Q(policy=version.policy_id, number=version.number)
    if not asked:
        return Version.objects.none()
    return Version.objects.filter(same, correction=0).select_related("policy", "based_on").with_summaries()


def _unreached(person: Person, told: QuerySet[Version]) -> list[int]:
    """Those of these versions of which no mail reached a person: for them this notice is the only channel."""
    notices = Notice.objects.filter(version__in=told.order_by(), stream=Notice.Stream.LEGAL)
    versions = {
        Delivery.key(pk, person.pk, Delivery.Channel.MAIL): of for pk, of in notices.values_list("pk", "version")
    }
    states = dict(Delivery.objects.filter(pk__in=versions).values_list("pk", "state"))
    came_back = DeliveryFact.objects.filter(delivery_id__in=states, kind=DeliveryFact.Kind.BOUNCED)
    lost = {*came_back.values_list("delivery_id", flat=True)}
    reached = {versions[key] for key, state in states.items() if state == Delivery.State.ACCEPTED and key not in lost}
    return [versions[key] for key in states if versions[key] not in reached]


def shown(versions: Iterable[Version], *, to: Person, place: str, at: datetime) -> None:
    """Keep that a person was shown these versions' notices, if it was the first time."""
    sights = [NoticeSeen(version=version, person=to, place=place, at=at) for version in versions]
    NoticeSeen.objects.bulk_create(sights, ignore_conflicts=True)


def put_away(version: Version, *, by: Person, at: datetime) -> None:
    """Show it no more; it asks for nothing, so nothing is answered by this."""
    seen, _is_new = NoticeSeen.objects.get_or_create(version=version, person=by, defaults={"at": at})
    NoticeSeen.objects.filter(pk=seen.pk, noted_at=None).update(noted_at=at)


def _prominent(version: Version, at: datetime, language: str, *, asks: bool) -> Prominent:
    text = version.text_in(language)
    effect = date_formats.effect(version)
    is_ahead = version.effective_at is not None and version.effective_at > at
    words = _("“%(title)s” changes on %(date)s.") if is_ahead else _("“%(title)s” changed on %(date)s.")
    before = version.based_on
    changes = (
        mail_links.redline(before, version, text.language) if before else mail_links.version(version, text.language)
    )
    return Prominent(
        version=version,
        title=text.title,
        words=words % {"title": text.title, "date": effect},
        summary=version.summary_in(language),
        url=mail_links.answer(version.policy) if asks else changes,
        label=_("See what changes and answer") if asks else _("See what changes"),
        asks=asks,
    )
