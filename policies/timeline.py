"""The published versions of one policy as they stand at an instant, and the one honest line about each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from django.utils.translation import gettext as _

from policies import date_formats
from policies.models import Policy, Version
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
    """A policy's published versions, at least one, the newest first. Their manifests were left in the database."""

    policy: Policy
    versions: Sequence[Version]
    current: Version | None
    at: datetime

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


def of(policy: Policy, *, at: datetime) -> Timeline | None:
    """Read the record of one policy, with its summaries, if it has one: three queries, whatever its length."""
    published = policy.versions.visible(at).defer("manifest", "proposal")
    versions = list(published.with_summaries())
    for version in versions:
        version.policy = policy
    if not versions:
        return None
    current = policy.versions.in_force(at).values_list("pk", flat=True).first()
    return Timeline(
        policy=policy,
        versions=versions,
        current=next((version for version in versions if version.pk == current), None),
        at=at,
    )


def of_all(*, at: datetime) -> list[Timeline]:
    """Read the records of every policy that has something to show, by title: three queries."""
    policies = list(Policy.objects.shown(at))
    published = Version.objects.visible(at).defer("manifest", "proposal")
    current = set(Version.objects.in_force(at).values_list("pk", flat=True))
    found: dict[int, list[Version]] = {policy.pk: [] for policy in policies}
    by_pk = {policy.pk: policy for policy in policies}
    for version in published:
        if version.policy_id in found:
            version.policy = by_pk[version.policy_id]
            found[version.policy_id].append(version)
    return [
        Timeline(
            policy=policy,
            versions=found[policy.pk],
            current=next((version for version in found[policy.pk] if version.pk in current), None),
            at=at,
        )
        for policy in policies
        if found[policy.pk]
    ]
