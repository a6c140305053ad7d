"""What a person still has to answer, and by when."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from django.db.models import Q

from policies.models import Acceptance, Person, Policy, Standing, Version
from policies.models.policies import is_for


class Stage(StrEnum):
    """How insistently a question is put."""

    UPCOMING = "upcoming"  # asked before the version takes effect
    GRACE = "grace"  # in force; the product still opens
    GATE = "gate"  # the product waits for an answer


@dataclass(frozen=True)
class Question:
    """
    One policy a person has to answer: `version` is what they are asked about.

    `rests_on_use`: nobody has to answer, since going on using the service accepts; whoever does not agree can say so.
    `due_at` is when the product starts to wait for the answer (never, for an optional consent); `accepted` is what
    they agreed to last, whose redline they see.
    """

    policy: Policy
    version: Version
    asked_at: datetime
    effective_at: datetime
    due_at: datetime | None
    accepted: Version | None
    accepted_at: datetime | None
    has_declined: bool
    is_renewal: bool
    rests_on_use: bool = False

    def stage(self, at: datetime) -> Stage:
        if self.due_at is not None and self.due_at <= at:
            return Stage.GATE
        return Stage.GRACE if self.effective_at <= at else Stage.UPCOMING


def outstanding(*, person: Person, at: datetime) -> tuple[Question, ...]:
    """
    Everything `person` has to answer at `at`, what is due first in front.

    A policy asks again only when a version asking for explicit acceptance is newer than the one agreed to last, or
    when that agreement has lapsed; an editorial successor alone does not. Drafts and withdrawn versions never ask,
    nor does a version up to which the desk waived the answer.
    Three queries and, save for withdrawn versions, no more, whatever the number of policies.
    """
    if not is_bound(person, at):
        return ()
    asking = Version.objects.asking(at).filter(is_for(person.audiences, of="policy__"))
    by_policy = {
        policy: list(versions)
        for policy, versions in groupby(asking.select_related("policy"), key=lambda version: version.policy)
    }
    standings = {standing.policy_id: standing for standing in person.standings.filter(policy__in=by_policy)}
    answerable = _answerable(by_policy, at)
    found = [
        question
        for policy, versions in by_policy.items()
        if (question := _question(policy, versions, standings.get(policy.pk), answerable[policy.pk], at))
    ]
    return tuple(sorted(found, key=lambda question: (question.due_at is None, question.due_at or at)))


def question_about(*, policy: Policy, person: Person, at: datetime) -> Question | None:
    """What `person` has to answer about `policy`, if anything."""
    return next((question for question in outstanding(person=person, at=at) if question.policy == policy), None)


def objection_open(*, policy: Policy, person: Person, at: datetime) -> Question | None:
    """
    What `person` may object to: the newest version, where going on using the service accepts it.

    It is never outstanding and gates nothing; a decline is recorded and leads to leaving and deletion.
    """
    version = policy.versions.standing().filter(published_at__lte=at).first()
    is_theirs = is_bound(person, at) and policy.is_for(person.audiences)
    if version is None or not is_theirs or version.acceptance != Acceptance.CONTINUED_USE:
        return None
    standing = person.standings.filter(policy=policy).first() or Standing(person=person, policy=policy)
    if version.number is None or standing.agreed_number >= version.number:
        return None
    return Question(
        policy=policy,
        version=version,
        asked_at=version.published_at or at,
        effective_at=version.effective_at or at,
        due_at=None,
        accepted=_accepted(policy, standing.agreed_number, ()),
        accepted_at=standing.agreed_at,
        has_declined=standing.declined_number >= version.number,
        is_renewal=False,
        rests_on_use=True,
    )


def version_to_answer(*, policy: Policy, at: datetime) -> Version | None:
    """
    The version an answer given at `at` is about: what is in force, or an upcoming version that already asks.

    Whoever answers about an earlier one was overtaken.
    """
    asking = list(Version.objects.asking(at).filter(policy=policy))
    candidates = _answerable({policy: asking}, at)[policy.pk]
    return _target(candidates, asking, at)


def is_bound(person: Person, at: datetime) -> bool:
    """Whether `person` has joined and not left at `at`."""
    return person.joined_at <= at and (person.closed_at is None or person.closed_at > at)


def lapses_at(renewal_months: int, agreed_at: datetime | None) -> datetime | None:
    """When an agreement given at `agreed_at` has to be given again, if ever (0 months: never)."""
    if not renewal_months or agreed_at is None:
        return None
    return _months_after(agreed_at, renewal_months)


def _accepted(policy: Policy, number: int, candidates: Sequence[Version]) -> Version | None:
    if not number:
        return None
    known = next((version for version in candidates if version.number == number), None)
    return known or policy.versions.filter(number=number).first()  # one that was withdrawn after they agreed


def _months_after(instant: datetime, months: int) -> datetime:
    """The same day so many months on; the last day of a month that is too short."""
    years, month = divmod(instant.month - 1 + months, 12)
    year = instant.year + years
    day = min(instant.day, calendar.monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)


def _answerable(by_policy: dict[Policy, list[Version]], at: datetime) -> dict[int, list[Version]]:
    """The standing versions of each policy published by `at`, newest first: effective ones, and as far as one asks."""
    found: dict[int, list[Version]] = {policy.pk: [] for policy in by_policy}
    horizon = Q()
    for policy, asking in by_policy.items():
        until = max([at, *(version.effective_at for version in asking if version.effective_at)])
        horizon |= Q(policy=policy, effective_at__lte=until)
    if by_policy:
        for version in Version.objects.standing().filter(horizon, published_at__lte=at).order_by("policy", "-number"):
            found[version.policy_id].append(version)
    return found


def _target(candidates: Sequence[Version], asking: Iterable[Version], at: datetime) -> Version | None:
    """What is in force once the latest asking version is; without one, what is in force now."""
    until = max([at, *(version.effective_at for version in asking if version.effective_at)])
    return next((version for version in candidates if version.effective_at and version.effective_at <= until), None)


def _question(
    policy: Policy, asking: list[Version], standing: Standing | None, candidates: list[Version], at: datetime
) -> Question | None:
    agreed_number = standing.agreed_number if standing else 0
    agreed_at = standing.agreed_at if standing and agreed_number else None
    lapse = lapses_at(policy.renewal_months, agreed_at)
    waived_number = standing.waived_number if standing else 0
    unmet = [version for version in asking if version.number and version.number > max(agreed_number, waived_number)]
    has_lapsed = lapse is not None and lapse <= at
    is_renewal = not unmet and has_lapsed and any((version.number or 0) > waived_number for version in asking)
    target = _target(candidates, asking, at)
    if target is None or not (unmet or is_renewal):
        return None
    since = min([version.effective_at for version in unmet if version.effective_at], default=lapse or at)
    return Question(
        policy=policy,
        version=target,
        asked_at=min([version.published_at for version in unmet if version.published_at], default=since),
        effective_at=since,
        due_at=None if policy.is_optional else since + timedelta(days=policy.grace_period_days),
        accepted=_accepted(policy, agreed_number, candidates),
        accepted_at=agreed_at,
        has_declined=bool(standing and target.number and standing.declined_number >= target.number),
        is_renewal=is_renewal,
    )
