"""The published versions of one policy as they stand at an instant, and the one honest line about each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from policies import date_formats
from policies.models import Policy, PolicyReview, Version, VersionText
from policies.models.fields import Label


class State(StrEnum):
    """Where a published version stands; derived from dates, never stored."""

    UPCOMING = "upcoming"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Entry:
    """One published version, its state, the one that took its place, and the one it followed."""

    version: Version
    state: State
    successor: Version | None
    predecessor: Version | None

    @property
    def label(self) -> Label:
        return self.version.label

    @property
    def sentence(self) -> str:
        """The honest line: in force, takes effect on, superseded on by, withdrawn on."""
        if self.state == State.WITHDRAWN and self.version.withdrawn_at:
            day = date_formats.with_place(self.version.withdrawn_at, self.version.zone)
            return _("Withdrawn on %(day)s, before it took effect") % {"day": day}
        if self.state == State.UPCOMING:
            return _("Takes effect %(when)s") % {"when": _when(self.version)}
        if self.successor and self.state == State.SUPERSEDED:
            words = {"when": _when(self.successor), "number": self.successor.label}
            if self.successor.effective_at == self.version.effective_at:
                return _("Replaced by version %(number)s before it took effect") % words
            return _("Superseded %(when)s by version %(number)s") % words
        return _("In force since %(day)s") % {"day": date_formats.effect(self.version)}


def _when(version: Version) -> str:
    return date_formats.within_a_sentence(date_formats.effect(version))


@dataclass(frozen=True)
class Timeline:
    """
    A policy's published versions, at least one, the newest first. Their manifests were left in the database.

    :ivar reviewed_at: when somebody last confirmed the text; `of_all` did not ask
    """

    policy: Policy
    versions: Sequence[Version]
    at: datetime
    reviewed_at: datetime | None = None

    @cached_property
    def current(self) -> Version | None:
        return self.in_force_at(self.at)

    @cached_property
    def entries(self) -> list[Entry]:
        return [self._entry(version) for version in self.versions]

    @cached_property
    def upcoming(self) -> list[Entry]:
        """Announced and not yet in effect; the next one first."""
        return [entry for entry in reversed(self.entries) if entry.state == State.UPCOMING]

    @property
    def in_force(self) -> Entry | None:
        return next((entry for entry in self.entries if entry.state == State.IN_FORCE), None)

    @property
    def latest(self) -> Entry:
        """What the policy's own page shows: what is in force, else what will be first, else what was last."""
        return self.in_force or next(iter(self.upcoming), None) or self.entries[0]

    def in_force_at(self, at: datetime) -> Version | None:
        """Which of them was or will be in force at an instant, as `VersionQuerySet.in_force` has it."""
        return next((each for each in self._standing() if _is_due(each, at)), None)

    @property
    def announced(self) -> list[Version]:
        """Not yet in effect, as corrected last, the next one first: as `VersionQuerySet.upcoming` has it."""
        ahead = [each for each in self._standing() if not _is_due(each, self.at)]
        last = {each.number: each for each in reversed(ahead)}
        return [each for each in reversed(ahead) if last[each.number] is each]

    def has_language(self, tag: str) -> bool:
        """Whether a text of it is in this language."""
        return any(text.language == tag for version in self.versions for text in version.all_texts)

    def entry(self, label: Label) -> Entry | None:
        return next((entry for entry in self.entries if entry.label == label), None)

    def entry_of(self, version: Version) -> Entry:
        return next(entry for entry in self.entries if entry.version.pk == version.pk)

    def _standing(self) -> Iterator[Version]:
        return (version for version in self.versions if version.withdrawn_at is None)

    def _entry(self, version: Version) -> Entry:
        later = [other for other in self._standing() if other.label > version.label]
        # Dates never decrease with the label, so the first to come is the lowest; of several at one
        # instant the highest counts.
        first = min((other.effective_at for other in later if other.effective_at), default=None)
        successor = next((other for other in later if other.effective_at == first), None)
        predecessor = next((other for other in self._standing() if other.label < version.label), None)
        return Entry(version, self._state(version, first), successor, predecessor)

    def _state(self, version: Version, replaced_at: datetime | None) -> State:
        if version.withdrawn_at:
            return State.WITHDRAWN
        if self.current and version.pk == self.current.pk:
            return State.IN_FORCE
        if replaced_at and (replaced_at <= self.at or replaced_at == version.effective_at):
            return State.SUPERSEDED
        return State.UPCOMING


def at_address(slug: str, *, at: datetime) -> Timeline | None:
    """Read the record of the policy that has an address, or once had it, in one query, whatever its length."""
    return _read(_visible(at).filter(version__policy__addresses__slug=slug), at)


def of(policy: Policy, *, at: datetime) -> Timeline | None:
    """Read the record of one policy, with its summaries, if it has one: one query, whatever its length."""
    return _read(_visible(at).filter(version__policy=policy), at)


def of_all(*, at: datetime) -> list[Timeline]:
    """Read the records of every policy that has something to show, by title: one query, which reads no texts."""
    published = Version.objects.visible(at).select_related("policy").defer("manifest", "proposal")
    found: dict[int, list[Version]] = {}
    for version in published.order_by("policy__title", "policy_id", "-number", "-correction"):
        of_its_policy = found.setdefault(version.policy_id, [])
        version.policy = of_its_policy[0].policy if of_its_policy else version.policy
        of_its_policy.append(version)
    return [_of(versions, at) for versions in found.values()]


def _visible(at: datetime) -> QuerySet[VersionText]:
    """The texts of visible versions without their words, each with its version and policy."""
    review = PolicyReview.objects.filter(policy=OuterRef("version__policy")).order_by("-at").values("at")[:1]
    return (
        VersionText.objects.filter(version__in=Version.objects.visible(at).order_by())
        .select_related("version__policy")
        .defer("body", "version__manifest", "version__proposal")
        .annotate(reviewed_at=Subquery(review))
        .order_by("-version__number", "-version__correction", "-authoritative", "language")
    )


def _read(texts: QuerySet[VersionText], at: datetime) -> Timeline | None:
    """A row has all that is known of its version: each version is kept once, with its texts."""
    versions: dict[int, Version] = {}
    reviewed_at = None
    for text in texts:
        version = versions.setdefault(text.version_id, text.version)
        version.policy = next(iter(versions.values())).policy
        version.loaded_texts = [*(version.loaded_texts or ()), text]
        text.version = version
        reviewed_at = text.reviewed_at  # type: ignore[attr-defined] # of the query above
    return _of(list(versions.values()), at, reviewed_at) if versions else None


def _of(versions: Sequence[Version], at: datetime, reviewed_at: datetime | None = None) -> Timeline:
    return Timeline(policy=versions[0].policy, versions=versions, at=at, reviewed_at=reviewed_at)


def _is_due(version: Version, at: datetime) -> bool:
    """A published version has its instants (a constraint of the database)."""
    days = (version.published_at, version.effective_at)
    return all(each is not None and each <= at for each in days)
