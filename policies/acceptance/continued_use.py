"""
Continued use: the days on which somebody was seen using the product, and what a text makes of that.

What follows is derived whenever it is asked, never stored, and never counts as agreed.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from policies import ledger
from policies.acceptance.answering import Refused
from policies.acceptance.outstanding import is_bound
from policies.models import Acceptance, Act, Delivery, Notice, Person, Policy, PromiseTier, UseSeen, Version
from policies.notices.on_site import reach
from policies.text.meaning.reasons import AI_TRAINING

# Where a day begins first.
EARLIEST_OFFSET = timedelta(hours=14)


class NotYet(Refused):
    """The day of use has not begun anywhere."""

    code = "day-ahead"


@dataclass(frozen=True)
class Deemed:
    """
    What a text makes of going on using the service, with its grounds: for others to judge, and no agreement.

    `promised_in` is the version whose words (`quote`, at `anchor`) governed the change; `used_on` is a day of use on
    record after `bound_from`, reported by `source`.
    """

    version: Version
    promised_in: Version
    quote: str
    anchor: str
    reached_by: str
    reached_at: datetime
    bound_from: datetime
    used_on: date
    source: str


@transaction.atomic
def note(*, person: Person, on: date, source: str, at: datetime) -> int:
    """
    Keep that `person` used the product on a day; return for how many versions in force that day it may matter.

    Only versions that rest on continued use matter: of all other use nothing is kept. Idempotent.

    :raises NotYet: if the day lies ahead
    """
    if on > (at + EARLIEST_OFFSET).date():
        raise NotYet(_("A day of use cannot lie ahead."))
    in_force = [version for policy in _binding(person, at) if (version := _resting(policy, on))]
    uses = [UseSeen(person=person, version=each, first_on=on, last_on=on, source=source[:60]) for each in in_force]
    UseSeen.objects.bulk_create(uses, ignore_conflicts=True)
    kept = UseSeen.objects.filter(person=person, version__in=in_force)
    kept.filter(first_on__gt=on).update(first_on=on)
    kept.filter(last_on__lt=on).update(last_on=on)
    return len(in_force)


def forget(*, at: datetime, dry_run: bool = False) -> int:
    """
    Delete days of use that lie RETENTION_YEARS back; return for how many persons and versions.

    People on legal hold keep theirs.
    """
    before = at.date() - timedelta(days=365 * settings.RETENTION_YEARS)
    due = UseSeen.objects.filter(last_on__lt=before, person__legal_hold=False)
    if dry_run:
        return due.count()
    with transaction.atomic():
        ledger.release(due, at=at)
        return due.delete()[0]


def deemed(*, person: Person, version: Version, at: datetime) -> Deemed | None:
    """
    What had become of continued use at `at`: None unless every ground is on record.

    The version rests on continued use, neither acts back nor concerns AI training (FTC, 13 February 2024), and was
    published here; the promise that governed it says so, and was kept; a notice reached this person; they were seen
    using the product on a later day than the one from which it binds them; and they did not decline.
    """
    tier = _promised(version)
    if tier is None or _has_declined(person, version, at):
        return None
    reached = next(iter(reach.ways(_delivery(person, version), version)), None)
    bound_from = reach.bound_from(version, reached.at if reached else None)
    use = UseSeen.objects.filter(person=person, version=version).first()
    if reached is None or bound_from is None or use is None:
        return None
    zone = version.zone
    bound_on, today = bound_from.astimezone(zone).date(), at.astimezone(zone).date()
    used_on = next((day for day in (use.first_on, use.last_on) if bound_on < day <= today), None)
    if used_on is None:
        return None
    return Deemed(
        version=version,
        promised_in=tier.promise.version,
        quote=tier.quote,
        anchor=tier.anchor,
        reached_by=reached.words,
        reached_at=reached.at,
        bound_from=bound_from,
        used_on=used_on,
        source=use.source,
    )


def _binding(person: Person, at: datetime) -> list[Policy]:
    if not is_bound(person, at):
        return []
    return list(Policy.objects.are_for(person.audiences).filter(retired_at=None, has_accounts=True))


def _resting(policy: Policy, on: date) -> Version | None:
    """The version in force when the day began in the policy's zone, where it rests on continued use."""
    version = policy.versions.in_force(datetime.combine(on, time.min, tzinfo=policy.zone)).first()
    return version if version and version.acceptance == Acceptance.CONTINUED_USE else None


def _promised(version: Version) -> PromiseTier | None:
    """The words of the governing promise by which going on using the service accepts a change such as this."""
    check = version.promise_check
    is_barred = version.retroactive or AI_TRAINING in version.reasons or version.imported
    if is_barred or version.acceptance != Acceptance.CONTINUED_USE or check is None or not check.kept:
        return None
    named = {"all", version.change_class, version.tier}
    tiers = PromiseTier.objects.filter(promise=check.promise_id, applies_to__in=named, acceptance="continued_use")
    return tiers.select_related("promise__version").first()


def _has_declined(person: Person, version: Version, at: datetime) -> bool:
    declined = Act.objects.of(person).filter(kind=Act.Kind.DECLINED, version__policy=version.policy, at__lte=at)
    return declined.filter(version__number__gte=version.number).exclude(undone_by__at__lte=at).exists()


def _delivery(person: Person, version: Version) -> Delivery:
    """The mail that told this person of the change; an empty one where there was none, so that sights still count."""
    notice = version.notices.filter(stream=Notice.Stream.LEGAL, kind=Notice.Kind.CHANGE).first()
    keys = [Delivery.key(notice.pk, person.pk, Delivery.Channel.MAIL)] if notice else []
    return Delivery.objects.filter(pk__in=keys).first() or Delivery(recipient_id=person.pk)
