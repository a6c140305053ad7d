"""Record what a version's own text says about future changes: an attributed reading, anchored by a quote."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from policies.models import Acceptance, AuditEvent, Channel, Policy, Promise, PromiseTier, User, Version


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

    :raises ValidationError: if a quote does not stand in the text, a channel is none, or the version was withdrawn
    """
    Policy.objects.locked(version.policy_id)
    if Version.objects.filter(pk=version.pk, withdrawn_at__isnull=False).exists():
        raise ValidationError(_("This version was withdrawn before it took effect: it promises nothing."))
    for tier in tiers:
        _check(tier, version)
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
    if not tier.quote.strip() or _words(tier.quote) not in _words(text.body):
        raise ValidationError(
            {"quote": _("This quote does not stand in the text: “%(quote)s”.") % {"quote": tier.quote}}
        )
    unknown = sorted(set(tier.channels) - set(Channel.values))
    if unknown:
        raise ValidationError({"channels": _("Unknown channels: %(names)s.") % {"names": ", ".join(unknown)}})
    if not tier.channels_known and tier.channels:
        raise ValidationError({"channels": _("Either the channels are known, or none can be named.")})


def _words(text: str) -> str:
    """A text as its bare words: quoting may drop emphasis, bullets and line breaks."""
    bare = "".join(character if character.isalnum() else " " for character in text)
    return f" {' '.join(bare.casefold().split())} "
