"""A question as pages put it: with its dates in words, in the policy's zone."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from policies import date_formats
from policies.acceptance import Question, Stage, objection_open, question_about
from policies.models import Person, Policy, Summary, Version


@dataclass(frozen=True)
class QuestionContext:
    """A question and where it stands; `due` is empty for an optional consent."""

    policy: Policy
    version: Version
    accepted: Version | None
    accepted_on: date_formats.DateWords | None
    stage: Stage
    is_upcoming: bool
    effect: date_formats.DateWords
    due: date_formats.DateWords | None
    due_on: date_formats.DateWords | None
    has_declined: bool
    is_renewal: bool
    rests_on_use: bool
    following: "QuestionContext | None"

    @property
    def summary(self) -> Summary:
        """What its editors say changed, in the language of the moment where they do."""
        return self.version.summary_in(get_language() or "")

    @property
    def is_gated(self) -> bool:
        return self.stage is Stage.GATE


def asked_about(*, policy: Policy, person: Person, at: datetime) -> Question | None:
    """What `person` is asked, or may object to, about `policy`."""
    return question_about(policy=policy, person=person, at=at) or objection_open(policy=policy, person=person, at=at)


def in_words(question: Question, at: datetime) -> QuestionContext:
    """Say a question at `at`."""
    zone, stage, effective_at = question.version.zone, question.stage(at), question.effective_at
    return QuestionContext(
        policy=question.policy,
        version=question.version,
        accepted=question.accepted,
        accepted_on=date_formats.with_place(question.accepted_at, zone) if question.accepted_at else None,
        stage=stage,
        is_upcoming=effective_at > at,
        effect=date_formats.with_place(effective_at, zone),
        due=date_formats.instant_of(question.due_at, zone) if question.due_at else None,
        due_on=date_formats.with_place(question.due_at, zone) if question.due_at else None,
        has_declined=question.has_declined,
        is_renewal=question.is_renewal,
        rests_on_use=question.rests_on_use,
        following=in_words(question.following, at) if question.following else None,
    )
