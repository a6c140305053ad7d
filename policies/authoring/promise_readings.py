"""Record what a version's own text says about future changes: an attributed reading, anchored by a quote."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from policies.models import Acceptance, AuditEvent, Channel, Policy, Promise, PromiseTier, User, Version
from policies.text.meaning import promises


@dataclass(frozen=True)
class TierReading:
    """What the clause promises for one class or tier of change; `channels` are values of `Channel`."""

    applies_to: str
    quote: str
    channels: Sequence[str] = field(default_factory=tuple)
    channels_known: bool = True
    logic: str = PromiseTier.Logic.ALL
    prior: str = PromiseTier.Prior.UNSPECIFIED
    notice_days: int | None = None
    acceptance: str = Acceptance.NONE
    anchor: str = ""


@transaction.atomic
def record_promise(
    *,
    version: Version,
    tiers: Sequence[TierReading],
    effective: str = Promise.Effective.UNSPECIFIED,
    never_retroactive: bool = False,
    remark: str = "",
    by: User,
    at: datetime,
) -> Promise:
    """
    Record a reading of a version's change clause. An earlier reading is replaced, and stays on the record.

    :raises ValidationError: if a quote does not stand in the text, a channel is none, two tiers are for the same
        changes, or the version was withdrawn
    """
    Policy.objects.locked(version.policy_id)
    if Version.objects.filter(pk=version.pk, withdrawn_at__isnull=False).exists():
        raise ValidationError(_("This version was withdrawn before it took effect: it promises nothing."))
    for tier in tiers:
        _check(tier, version)
    _refuse_twice([tier.applies_to for tier in tiers])
    promise = Promise.objects.create(
        version=version,
        replaces=version.promises.standing().first(),
        effective=effective,
        never_retroactive=never_retroactive,
        remark=remark,
        read_by=by,
        read_at=at,
    )
    for tier in tiers:
        promise.tiers.create(
            applies_to=tier.applies_to,
            quote=tier.quote,
            channels=sorted(tier.channels),
            channels_known=tier.channels_known,
            logic=tier.logic,
            prior=tier.prior,
            notice_days=tier.notice_days,
            acceptance=tier.acceptance,
            anchor=tier.anchor,
        )
    AuditEvent.record("promise.read", version=version, by=by, at=at, promise=promise.pk)
    return promise


def _check(tier: TierReading, version: Version) -> None:
    text = version.texts.get(authoritative=True)
    if not promises.stands_in(tier.quote, text.body):
        raise ValidationError(
            {"quote": _("This quote does not stand in the text: “%(quote)s”.") % {"quote": tier.quote}}
        )
    unknown = sorted(set(tier.channels) - set(Channel.values))
    if unknown:
        raise ValidationError({"channels": _("Unknown channels: %(names)s.") % {"names": ", ".join(unknown)}})
    if not tier.channels_known and tier.channels:
        raise ValidationError({"channels": _("Either the channels are known, or none can be named.")})


def _refuse_twice(names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        message = _("Two parts are for changes that are “%(name)s”. Say in one of them what holds, or choose another.")
        raise ValidationError(message % {"name": twice})
