"""Who answered the terms in the past, and when: so that each person's "since the version you accepted" is their own."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from policies import acceptance
from policies.models import Act, ActSubject, Person, Policy, Version

ON_JOINING = timedelta(minutes=3)
READING_TAKES = timedelta(minutes=2)
# Of a hundred people who were there before version 2: so many accepted it, so many declined; the rest never answered.
ACCEPTED, DECLINED = 70, 6


@dataclass(frozen=True)
class Answer:
    """One answer by one person at an instant."""

    person: Person
    number: int
    at: datetime
    is_yes: bool = True


@dataclass(frozen=True)
class AnswerPage:
    """Takes the answers of the past. It reads each version once, since hundreds of people answer about it."""

    policy: Policy
    versions: dict[int, Version] = field(default_factory=dict)

    def take(self, answer: Answer) -> Act:
        """Record an answer as the answer page does."""
        version = self.version(answer.number)
        text = version.text_in(answer.person.language)
        verb, words = (acceptance.accept, "accept") if answer.is_yes else (acceptance.decline, "decline")
        showing = acceptance.Showing(
            language=text.language,
            text_sha256=text.sha256,
            manifest_sha256=version.manifest_sha256,
            wording=f"I {words} the {text.title}, version {version.number}.",
            locale=answer.person.language,
            displayed_at=answer.at - READING_TAKES,
        )
        how = acceptance.Circumstances(method=Act.Method.FORM, strength=Act.Strength.CODE, source="demo")
        return verb(person=answer.person, version=version, showing=showing, how=how, at=answer.at)

    def version(self, number: int) -> Version:
        if number not in self.versions:
            versions = Version.objects.select_related("policy").prefetch_related("texts")
            self.versions[number] = versions.get(policy=self.policy, number=number)
        return self.versions[number]


def answers(people: Iterable[Person], *, second_published_at: datetime, loaded_at: datetime) -> Iterator[Answer]:
    """
    Yield everybody's answers: to what was in force when they joined, and to the second version if they were there.

    Uma never answered the second one: the gate asks her.
    """
    chance = random.Random(3)  # noqa: S311 - decisions of made-up people
    for person in people:
        joined_at = person.joined_at + ON_JOINING
        if joined_at < second_published_at:
            yield Answer(person, 1, joined_at)
            yield from _second_thoughts(person, second_published_at, loaded_at, chance)
        elif joined_at < loaded_at:
            yield Answer(person, 2, joined_at)


def forget_receipts() -> None:
    """The receipts of past answers were mailed in the past."""
    ActSubject.objects.update(receipt_due_at=None)


def _second_thoughts(
    person: Person, published_at: datetime, loaded_at: datetime, chance: random.Random
) -> Iterator[Answer]:
    drawn, waited = chance.randrange(100), chance.randrange(24 * 60)
    at = published_at + (loaded_at - published_at) * (waited / (26 * 60)) + timedelta(hours=1)
    if not person.address or hasattr(person, "user") or drawn >= ACCEPTED + DECLINED:
        return
    yield Answer(person, 2, at, is_yes=drawn < ACCEPTED)
