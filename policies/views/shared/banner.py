"""What the banner shows somebody, here and in the organization's product: by the rule of gate and answer page."""

from datetime import datetime

from policies import acceptance
from policies.models import Person, Version
from policies.notices.on_site import prominent_notice


def banner_of(person: Person, *, at: datetime, language: str = "") -> tuple[prominent_notice.Prominent, ...]:
    """What they still have to answer and did not decline, then what is new."""
    return prominent_notice.for_person(person, asked=asked_of(person, at=at), at=at, language=language)


def asked_of(person: Person, *, at: datetime) -> list[Version]:
    """The versions in the order in which their answers are due; optional ones where people are told of them."""
    asked = acceptance.outstanding(person=person, at=at)
    both = [each for question in asked for each in (question, question.following) if each is not None]
    shown = [each for each in both if each.version.tells_people or not each.policy.is_optional]
    return [each.version for each in shown if not each.has_declined]
