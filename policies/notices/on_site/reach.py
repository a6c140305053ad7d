"""Who was reached by which channel and when, and from when a change binds them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from policies.models import Delivery, DeliveryFact, Notice, NoticeSeen, PromiseTier, Version
from policies.notices.queue import progress

MAIL = "mail"


@dataclass(frozen=True)
class Reached:
    """A channel that reached somebody. Mail counts when a mail server took it over and it did not come back."""

    channel: str
    at: datetime

    @property
    def words(self) -> str:
        """Where or how it reached them."""
        return _("by mail") if self.channel == MAIL else str(NoticeSeen.Place(self.channel).label)


@dataclass(frozen=True)
class Coverage:
    """How many of an audience were reached by each channel, and how many by none."""

    total: int
    by_mail: int
    came_back: int
    on_site_only: int

    @property
    def by_none(self) -> int:
        return self.total - self.by_mail - self.on_site_only

    @property
    def share(self) -> float:
        """In percent."""
        return 100 * (self.by_mail + self.on_site_only) / self.total if self.total else 0.0


def ways(delivery: Delivery, version: Version) -> tuple[Reached, ...]:
    """Every channel that reached a person, the first one first."""
    came_back = DeliveryFact.objects.filter(delivery_id=delivery.pk, kind=DeliveryFact.Kind.BOUNCED).exists()
    found = []
    if delivery.state == Delivery.State.ACCEPTED and delivery.finished_at and not came_back:
        found.append(Reached(MAIL, delivery.finished_at))
    sight = NoticeSeen.objects.filter(version=version, person_id=delivery.recipient_id).first()
    if sight:
        found.append(Reached(sight.place, sight.at))
    return tuple(sorted(found, key=lambda way: way.at))


def reached(delivery: Delivery, version: Version) -> Reached | None:
    """How a person was reached first; None while nothing reached them."""
    return next(iter(ways(delivery, version)), None)


def bound_from(version: Version, reached_at: datetime | None) -> datetime | None:
    """
    From when a version binds somebody: its effect, and not before the promised period since they were reached.

    Whoever was never told is not bound (Douglas v. U.S. Dist. Court, 495 F.3d 1062; Rodman v. Safeway).
    """
    if reached_at is None or version.effective_at is None:
        return None
    return max(version.effective_at, reached_at + timedelta(days=promised_days(version)))


def promised_days(version: Version) -> int:
    """The days of notice that the promise governing a version gives for it; 0 where it gives none."""
    check = version.promise_check
    if check is None or check.promise is None:
        return 0
    named = {"all", version.change_class, version.tier}
    tiers = PromiseTier.objects.filter(promise=check.promise, applies_to__in=named)
    return max((tier.notice_days or 0 for tier in tiers), default=0)


def coverage(notice: Notice) -> Coverage:
    """Count who was reached. The facts and sights are counted, the deliveries are not: they have their tallies."""
    counts = progress.counts(notice)
    first, after = Delivery.first_key(notice.pk), Delivery.first_key(notice.pk + 1)
    bounced = DeliveryFact.objects.filter(
        kind=DeliveryFact.Kind.BOUNCED, delivery_id__gte=first, delivery_id__lt=after
    ).values("delivery_id")
    # One whose outcome was uncertain may come back too, and was never counted as reached.
    came_back = Delivery.objects.filter(pk__in=bounced, state=Delivery.State.ACCEPTED).count()
    unreached = Delivery.objects.filter(notice=notice, recipient_id=OuterRef("person_id")).exclude(
        state=Delivery.State.ACCEPTED
    )
    returned = Delivery.objects.filter(notice=notice, recipient_id=OuterRef("person_id"), pk__in=bounced)
    sights = NoticeSeen.objects.filter(version=notice.version)
    on_site_only = sights.filter(Exists(unreached) | Exists(returned)).count()
    return Coverage(counts.total, counts.accepted - came_back, came_back, on_site_only)
