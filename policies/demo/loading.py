"""Load the demo through the public verbs, each with the instant at which it would have been done."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from policies import authoring, publishing, review
from policies.demo import cast, content, past_answers, past_mail
from policies.demo.content import DemoPolicy, DemoVersion
from policies.models import AuditEvent, Follower, Person, Policy, User, Version
from policies.models.audit import DEMO_LOADED

TERMS = "account-terms"
NOTICED_AFTER = timedelta(minutes=1)
FOLLOWERS = (cast.VERA_ADDRESS, "club.of.mixers@example.com", "tonstudio.elbe@example.net", "pat.reads@example.org")


class AlreadyLoaded(Exception):
    """The demo is there; loading it again changes nothing."""


class NotEmpty(Exception):
    """The database holds something else, or a load that was interrupted."""


@dataclass(frozen=True)
class Loaded:
    """What there is after loading."""

    policies: int
    versions: int
    drafts: int
    people: int


@dataclass(frozen=True)
class Step:
    """Something that was done at an instant."""

    at: datetime
    do: Callable[[], object]


def load(*, at: datetime) -> Loaded:
    """
    Fill an empty database with the demo, in the order in which things would have happened.

    :raises AlreadyLoaded: if it was loaded before
    :raises NotEmpty: if there are policies that are not the demo's
    """
    if AuditEvent.objects.filter(verb=DEMO_LOADED).exists():
        raise AlreadyLoaded
    if Policy.objects.exists():
        raise NotEmpty
    users = {member: member.sign_up(at=at - timedelta(days=700)) for member in cast.CAST}
    Person.objects.bulk_create(cast.people(loaded_at=at))
    histories = [
        History(_make(given), given, edith=users[cast.EDITH], ravi=users[cast.RAVI], loaded_at=at)
        for given in content.read_all()
    ]
    _follow(at=at)
    steps = [step for history in histories for step in history.steps()]
    for step in sorted(steps, key=lambda step: step.at):
        step.do()
    past_answers.forget_receipts()
    past_mail.forget_desk_mails(at=at)
    AuditEvent.record(DEMO_LOADED, by=None, at=at)
    return Loaded(
        policies=Policy.objects.count(),
        versions=Version.objects.published().count(),
        drafts=Version.objects.drafts().count(),
        people=Person.objects.count(),
    )


def _make(given: DemoPolicy) -> Policy:
    policy = Policy.objects.create(slug=given.slug, **given.fields)
    for name, change_class in given.tiers.items():
        policy.tiers.create(name=name, change_class=change_class)
    return policy


@dataclass(frozen=True)
class History:
    """How the versions of one policy came to be, seen from the day of loading."""

    policy: Policy
    given: DemoPolicy
    edith: User
    ravi: User
    loaded_at: datetime

    def steps(self) -> Iterator[Step]:
        """Everything that has to be done, in no order."""
        for version in self.given.versions:
            step = self.step(version)
            yield step
            # What is published at the moment of loading is announced while one watches.
            if version.state == "published" and step.at < self.loaded_at:
                announced_at = step.at + NOTICED_AFTER
                yield Step(announced_at, partial(past_mail.announce_due, at=announced_at))
        if self.policy.slug == TERMS:
            second_published_at = self.decided_at(self.given.versions[1])
            people = Person.objects.select_related("user").order_by("id")
            page = past_answers.AnswerPage(self.policy)
            for answer in past_answers.answers(
                people, second_published_at=second_published_at, loaded_at=self.loaded_at
            ):
                yield Step(answer.at, partial(page.take, answer))

    def step(self, given: DemoVersion) -> Step:
        """What has to be done for one version, and when."""
        doing: dict[str, Callable[[DemoVersion], object]] = {
            "imported": self.record_past,
            "published": self.publish,
            "in_review": self.hand_in,
            "editing": self.write,
        }
        return Step(self.decided_at(given), partial(doing[given.state], given))

    def decided_at(self, given: DemoVersion) -> datetime:
        """When it was published or, for a draft, last edited."""
        return given.decided_at(loaded_at=self.loaded_at, zone=self.policy.zone)

    def record_past(self, given: DemoVersion) -> None:
        """Record a text of the old site, as it stood there."""
        at = self.decided_at(given)
        published_at = content.instant(given.published, loaded_at=self.loaded_at, zone=self.policy.zone)
        last_updated = f"{published_at:%B} {published_at.day}, {published_at.year}"
        source = f"# {self.policy.title}\n\nLast updated: {last_updated}\n\n{given.body}"
        version = publishing.record_past(
            policy=self.policy,
            source=source.encode(),
            filename="old-site.md",
            title=self.policy.title,
            published_at=published_at,
            effective_at=self.effective_at(given) or published_at,
            by=self.edith,
            at=at,
        )
        self.read_promise(version, given, at + timedelta(hours=1))

    def publish(self, given: DemoVersion) -> None:
        """Write, hand in, approve and publish on three days."""
        at = self.decided_at(given)
        draft = self.write(given, before=timedelta(days=1))
        review.submit(version=draft, by=self.edith, at=at - timedelta(hours=20))
        review.approve(version=draft, by=self.ravi, at=at - timedelta(hours=2))
        version = publishing.publish(version=draft, by=self.ravi, at=at)
        self.read_promise(version, given, at)

    def hand_in(self, given: DemoVersion) -> None:
        """Leave a draft in review."""
        draft = self.write(given)
        review.submit(version=draft, by=self.edith, at=self.decided_at(given) + timedelta(hours=3))

    def write(self, given: DemoVersion, *, before: timedelta = timedelta()) -> Version:
        """Start a draft and save it twice: first its words, then what was decided about it."""
        at = self.decided_at(given) - before
        draft = authoring.start_draft(policy=self.policy, by=self.edith, at=at - timedelta(hours=4))
        authoring.save_draft(version=draft, by=self.edith, at=at - timedelta(hours=2), texts=given.texts)
        fields = {**given.decisions, "effective_at": self.effective_at(given)}
        authoring.save_draft(version=draft, by=self.edith, at=at, fields=fields)
        draft.refresh_from_db()
        return draft

    def read_promise(self, version: Version, given: DemoVersion, at: datetime) -> None:
        """Record what the text says about its own changes."""
        if given.reading:
            authoring.record_promise(version=version, by=self.edith, at=at, **given.reading.for_text(given.body))

    def effective_at(self, given: DemoVersion) -> datetime | None:
        """Midnight of its day in the policy's zone; None: in effect when posted."""
        return given.effective_at(loaded_at=self.loaded_at, zone=self.policy.zone)


def _follow(*, at: datetime) -> None:
    """Vera and others follow what has no accounts; Vera follows everything else too."""
    without_accounts = Policy.objects.filter(has_accounts=False)
    asked_at = at - timedelta(days=90)
    for policy in without_accounts:
        for address in FOLLOWERS:
            Follower.objects.create(address=address, policy=policy, asked_at=asked_at, confirmed_at=asked_at)
