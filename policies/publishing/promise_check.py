"""
The promise check: does this change keep what the version *in force* promised about changes?

The governing promise is that of the version in force, not the draft's (Douglas v. U.S. Dist. Court, 495 F.3d 1062).
The period runs from the instant the last person is expected to be reached, not from the press of the button.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies.models import Acceptance, ChangeClass, Channel, Policy, Promise, PromiseTier, Version
from policies.publishing.refusals import Refused
from policies.publishing.rehearsal import midnight_after
from policies.text.meaning import reasons

# What publishing itself does, for every policy.
BY_PUBLISHING = {Channel.POST_PAGE, Channel.DATE_BUMP, Channel.PUBLIC_HISTORY, Channel.CHANGELOG}
# What needs people with accounts.
TO_PEOPLE = {Channel.EMAIL, Channel.SITE_NOTICE, Channel.IN_APP}
# What happens elsewhere: it can be promised, and nobody here can see that it was kept.
ELSEWHERE = {Channel.PUSH, Channel.BLOG, Channel.DIRECT_CONTACT, Channel.ANY_OTHER}


@dataclass(frozen=True)
class Line:
    """One thing promised. `kept` is None where it cannot be known here; then the message asks somebody to see to it."""

    code: str
    kept: bool | None
    message: str
    quote: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Check:
    """The check of one change. `earliest_effective_at` is the first midnight that keeps the promise."""

    lines: tuple[Line, ...]
    promise: Promise | None
    tells_people: bool
    earliest_effective_at: datetime | None

    @property
    def kept(self) -> bool:
        """Nothing is broken. (Lines that cannot be known are warnings.)"""
        return all(line.kept is not False for line in self.lines)

    @property
    def broken(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.kept is False)

    def as_json(self) -> list[dict[str, object]]:
        """The lines as they are stored with the publication."""
        return [asdict(line) for line in self.lines]


class PromiseBroken(Refused):
    """The promise now in force would not be kept; `check` says line by line why."""

    code = "promise-violation"

    def __init__(self, check: Check) -> None:
        super().__init__(" ".join(line.message for line in check.broken))
        self.check = check


def check(*, version: Version, at: datetime, reached_at: datetime) -> Check:
    """
    Check a version against the promise in force at `at`, if it were published then.

    `reached_at` is when the last person would be reached (see `rehearsal`).
    """
    policy = version.policy
    governing = policy.versions.in_force(at).first()
    promise = Promise.objects.prefetch_related("tiers").made_in(governing)
    tiers = [tier for tier in promise.tiers.all() if _applies(tier, version)] if promise else []
    effective_at = version.effective_at or at
    lines = [
        *_whether_read(governing, promise),
        *(line for tier in tiers for line in _channels(tier, policy)),
        *(line for tier in tiers for line in _period(tier, effective_at, reached_at)),
        *_acting_back(version, promise, tiers),
    ]
    return Check(
        lines=tuple(lines),
        promise=promise,
        tells_people=policy.has_accounts and _tells(tiers, version),
        earliest_effective_at=_earliest(tiers, policy, reached_at),
    )


def _applies(tier: PromiseTier, version: Version) -> bool:
    return tier.applies_to in {"all", version.change_class, version.tier}


def _tells(tiers: list[PromiseTier], version: Version) -> bool:
    """The promise says who is told; where it is silent, material means e-mail."""
    spoken = [tier for tier in tiers if tier.channels_known and tier.channels]
    if spoken:
        return any((TO_PEOPLE | ELSEWHERE) & set(tier.channels) for tier in spoken)
    return version.change_class == ChangeClass.MATERIAL


def _whether_read(governing: Version | None, promise: Promise | None) -> Iterator[Line]:
    if governing is None:
        yield Line("first-version", True, _("No version is in force yet, so there is no promise to keep."))
    elif promise is None:
        message = _("Nobody has read the promise of %(version)s yet. Record a reading of its clause about changes.")
        yield Line("promise-unread", None, message % {"version": governing.name})


def _channels(tier: PromiseTier, policy: Policy) -> Iterator[Line]:
    if not tier.channels_known:
        message = _(
            "The text does not say (any more) how people are told. Record what is known, and tell them by e-mail."
        )
        yield _line("channels-unknown", None, message, tier)
        return
    available = BY_PUBLISHING | (TO_PEOPLE if policy.has_accounts else set())
    promised = set(tier.channels)
    for channel in sorted(promised - available) if tier.logic == PromiseTier.Logic.ALL else ():
        yield _missing_channel(tier, channel)
    if tier.logic == PromiseTier.Logic.ANY and promised and not promised & available:
        yield from (_missing_channel(tier, channel) for channel in sorted(promised))
    done = ", ".join(str(Channel(channel).label) for channel in sorted(promised & available))
    if done:
        yield _line("channels", True, _("Announced as promised: %(channels)s.") % {"channels": done}, tier)


def _missing_channel(tier: PromiseTier, channel: str) -> Line:
    label = Channel(channel).label
    if channel in ELSEWHERE:
        message = _("“%(channel)s” happens outside this site: see to it, and keep the proof.") % {"channel": label}
        return _line("channel-elsewhere", None, message, tier)
    message = _("“%(channel)s” is promised, and nobody can be told that way here.") % {"channel": label}
    return _line("channel-missing", False, message, tier)


def _period(tier: PromiseTier, effective_at: datetime, reached_at: datetime) -> Iterator[Line]:
    if tier.notice_days is not None:
        days = timedelta(days=tier.notice_days)
        promised = ngettext("%(n)d day", "%(n)d days", tier.notice_days) % {"n": tier.notice_days}
        if effective_at >= reached_at + days:
            yield _line(
                "notice-period", True, _("The notice period of %(period)s is kept.") % {"period": promised}, tier
            )
        else:
            message = _("The notice period is too short: %(period)s are promised from the last notice to the effect.")
            yield _line("notice-period-too-short", False, message % {"period": promised}, tier)
    elif tier.prior == PromiseTier.Prior.YES:
        if effective_at > reached_at:
            yield _line("notice-before-effect", True, _("Everybody is told before it takes effect."), tier)
        else:
            message = _("It would take effect before everybody has been told. Choose a later effective date.")
            yield _line("effective-not-after-notice", False, message, tier)


def _acting_back(version: Version, promise: Promise | None, tiers: list[PromiseTier]) -> Iterator[Line]:
    if version.retroactive and promise and promise.never_retroactive:
        tier = tiers[0] if tiers else promise.tiers.first()
        message = _("The text promises never to apply changes to what people gave before.")
        yield _line("never-retroactive", False, message, tier) if tier else Line("never-retroactive", False, message)
    needs_answer = version.retroactive or reasons.AI_TRAINING in version.reasons
    if needs_answer and version.acceptance != Acceptance.EXPLICIT:
        # FTC, 13 February 2024; Colorado 4 CCR 904-3, Rule 6.04(B): a quiet change is no consent to this.
        message = _("A change that acts back or concerns AI training needs each person's explicit acceptance.")
        yield Line("needs-explicit-acceptance", False, message)


def _earliest(tiers: list[PromiseTier], policy: Policy, reached_at: datetime) -> datetime | None:
    days = [tier.notice_days for tier in tiers if tier.notice_days is not None]
    if not days and not any(tier.prior == PromiseTier.Prior.YES for tier in tiers):
        return None
    return midnight_after(reached_at + timedelta(days=max(days, default=0)), policy)


def _line(code: str, kept: bool | None, message: str, tier: PromiseTier) -> Line:
    return Line(code, kept, message, quote=tier.quote, anchor=tier.anchor)
