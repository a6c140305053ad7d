"""What a person still has to answer, and by when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from django.db.models import Q

from policies.acceptance.demands import Answers, Demand, Due
from policies.models import Acceptance, Act, Person, Policy, Standing, Version
from policies.models.policies import is_for


class Stage(StrEnum):
    """How insistently a question is put."""

    UPCOMING = "upcoming"  # asked before the version takes effect
    GRACE = "grace"  # in force; the product still opens
    GATE = "gate"  # the product waits for an answer


@dataclass(frozen=True)
class Question:
    """
    One version a person has to answer.

    `asked_at` is since when somebody is asked, and `since` from when on the answer counts: the oldest demand that is
    not met, or the lapse of an agreement. `due_at` is when the product starts to wait for it (never, for an optional
    consent); it may lie before the effect of `version`, where an editorial successor took the place of what asked.
    `accepted` is what they agreed to last, whose redline they see.
    `rests_on_use`: nobody has to answer, since going on using the service accepts; whoever does not agree can say so.
    `following` is what they are asked about the version that comes next: it can be answered now as well, and settles
    this question too.
    """

    policy: Policy
    version: Version
    asked_at: datetime
    since: datetime
    due_at: datetime | None
    accepted: Version | None
    accepted_at: datetime | None
    has_declined: bool
    is_renewal: bool
    rests_on_use: bool = False
    following: "Question | None" = None

    @property
    def effective_at(self) -> datetime:
        """When `version` takes or took effect; a published one always says so."""
        return self.version.effective_at or self.since

    def stage(self, at: datetime) -> Stage:
        if self.due_at is not None and self.due_at <= at:
            return Stage.GATE
        return Stage.GRACE if self.since <= at else Stage.UPCOMING


def outstanding(*, person: Person, at: datetime) -> tuple[Question, ...]:
    """
    Everything `person` has to answer at `at`, one question a policy, what is due first in front.

    A policy asks again only when a version asking for explicit acceptance is newer than the one agreed to last, or
    when that agreement has lapsed; an editorial successor alone does not. Drafts and withdrawn versions never ask,
    nor does a version up to which the desk waived the answer. What binds today is asked first, and what is announced
    stands in its `following`; where today's is answered, the announced one is the question (decision 099).
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
    candidates = _candidates(by_policy, at)
    found = [
        question
        for policy, versions in by_policy.items()
        if (
            question := _question(
                person,
                versions,
                standings.get(policy.pk) or Standing(person=person, policy=policy),
                candidates[policy.pk],
                at,
            )
        )
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
        since=version.effective_at or at,
        due_at=None,
        accepted=_accepted(standing, ()),
        accepted_at=standing.agreed_at,
        has_declined=standing.declined_number >= version.number,
        is_renewal=False,
        rests_on_use=True,
    )


def answerable(*, policy: Policy, at: datetime) -> tuple[Version, ...]:
    """
    The versions an answer given at `at` can be about: what is in force, and what will be once the latest that asks is.

    Whoever answers about another one was overtaken.
    """
    asking = list(Version.objects.asking(at).filter(policy=policy))
    candidates = _candidates({policy: asking}, at)[policy.pk]
    found = (_in_force(candidates, at), _in_force(candidates, _horizon(asking, at)))
    return tuple(dict.fromkeys(version for version in found if version))


def is_bound(person: Person, at: datetime) -> bool:
    """Whether `person` has joined and not left at `at`."""
    return person.joined_at <= at and (person.closed_at is None or person.closed_at > at)


def _accepted(standing: Standing, candidates: Sequence[Version]) -> Version | None:
    """What somebody agreed to last: the standing keeps its number, and where that was corrected their act says more."""
    number = standing.agreed_number
    if not number:
        return None
    known = [version for version in candidates if version.number == number]
    if len(known) == 1:
        return known[0]
    # Corrected, or withdrawn after they agreed.
    agreed = Act.objects.of(standing.person).standing().filter(kind=Act.Kind.AGREED)
    about = agreed.filter(version__policy=standing.policy_id, version__number=number).order_by("-id")
    act = about.select_related("version").first()
    return act.version if act else standing.policy.versions.published().filter(number=number).first()


def _candidates(by_policy: dict[Policy, list[Version]], at: datetime) -> dict[int, list[Version]]:
    """The standing versions of each policy published by `at`, newest first: effective ones, and as far as one asks."""
    found: dict[int, list[Version]] = {policy.pk: [] for policy in by_policy}
    effective = Q()
    for policy, asking in by_policy.items():
        effective |= Q(policy=policy, effective_at__lte=_horizon(asking, at))
    if by_policy:
        for version in (
            Version.objects.standing()
            .filter(effective, published_at__lte=at)
            .order_by("policy_id", "-number", "-correction")
        ):
            found[version.policy_id].append(version)
    return found


def _horizon(asking: Iterable[Version], at: datetime) -> datetime:
    """When the latest of these versions is in force; `at`, where all are."""
    return max([at, *(version.effective_at for version in asking if version.effective_at)])


def _in_force(candidates: Sequence[Version], at: datetime) -> Version | None:
    return next((version for version in candidates if version.effective_at and version.effective_at <= at), None)


def _question(
    person: Person, asking: list[Version], standing: Standing, candidates: list[Version], at: datetime
) -> Question | None:
    """What binds today and is not answered, followed by what is announced; or the latter alone."""
    answers = Answers(
        tags=frozenset(person.audiences),
        agreed={standing.policy_id: (standing.agreed_number, standing.agreed_at)},
        waived={standing.policy_id: standing.waived_number},
    )
    dues = [due for version in asking if (due := answers.due(Demand.of(version)))]
    today = [due for due in dues if due.asks_at <= at]
    ahead = [due for due in dues if due.demand.effective_at > at and due.demand.number > standing.agreed_number]
    following = _asked(ahead, asking, standing, candidates, at=_horizon(asking, at))
    # Whoever agreed ahead of its time is asked once more about what they agreed to.
    renewed = next((version for version in candidates if version.number == standing.agreed_number), None)
    is_ahead = renewed is not None and renewed.effective_at is not None and renewed.effective_at > at
    question = _asked(today, asking, standing, [renewed] if is_ahead and renewed else candidates, at=at)
    return replace(question, following=following) if question else following


def _asked(
    dues: Sequence[Due], asking: Sequence[Version], standing: Standing, candidates: Sequence[Version], at: datetime
) -> Question | None:
    """The question that settles `dues`: about what is in force at `at`, and due with the oldest of them."""
    version = _in_force(candidates, at) or next(iter(candidates), None)
    if not dues or version is None or version.number is None:
        return None
    policy = asking[0].policy  # known already, where the candidates' is not
    unmet = {due.demand.number for due in dues if due.demand.number > standing.agreed_number}
    since = min(due.asks_at for due in dues)
    return Question(
        policy=policy,
        version=version,
        asked_at=min(
            (each.published_at for each in asking if each.number in unmet and each.published_at), default=since
        ),
        since=since,
        due_at=None if policy.is_optional else min(due.gates_at for due in dues),
        accepted=_accepted(standing, candidates),
        accepted_at=standing.agreed_at if standing.agreed_number else None,
        has_declined=_has_declined(standing, version),
        is_renewal=not unmet,
    )


def _has_declined(standing: Standing, version: Version) -> bool:
    """Whether the newest answer about `version` is a decline; the standing keeps the highest number declined alone."""
    number = version.number or 0
    agreed_at, declined_at = standing.agreed_at, standing.declined_at
    if standing.agreed_number >= number and agreed_at and declined_at and declined_at <= agreed_at:
        return False  # they agreed since, and it is asked again because that has lapsed
    if standing.declined_number <= number:
        return standing.declined_number == number
    declined = Act.objects.of(standing.person).standing().filter(kind=Act.Kind.DECLINED, version=version)
    return declined.exists()
