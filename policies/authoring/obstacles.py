"""
What keeps a draft from being published as it stands: one list, asked on saving, submitting, approving and publishing.

Whether the promise in force would be kept depends on when it is published: `publishing.promise_check` says it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from policies.authoring import corrections
from policies.language_names import name_of
from policies.models import ANSWERS, ChangeClass, Policy, Version, VersionText


class Kind(StrEnum):
    """What an obstacle is about; for programs the code of the refusal it leads to."""

    MISSING = "missing"
    RETIRED = "policy-retired"
    OUT_OF_DATE = "out-of-date"
    PASSED = "effective-date-passed"
    HIDDEN = "effective-before-visible"
    OUT_OF_ORDER = "out-of-order"


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way: `words` say what it is and what to do, `field` is the name of the field to do it in."""

    kind: Kind
    field: str
    words: str


def obstacles_of(version: Version, *, at: datetime) -> list[Obstacle]:
    """Everything that keeps a draft from being published at `at` as it stands, the missing parts first."""
    return [*_missing(version), *_in_the_way(version, at)]


def is_first(draft: Version) -> bool:
    """Whether nothing stands that a draft would change: then there is nothing to say about a change."""
    return draft.based_on_id is None and not draft.policy.versions.standing().exists()


def half_translated(text: VersionText) -> str:
    """Say which answers stand in one language only: a summary that is half translated would mix two."""
    return _("The answers in %(language)s and the authors’ do not match: %(names)s. Write both, or remove both.") % {
        "language": name_of(text.language),
        "names": ", ".join(label_of(name) for name in text.unmatched),
    }


def label_of(name: str) -> str:
    """How a field of a version is called, with a small letter."""
    return str(getattr(Version._meta.get_field(name), "verbose_name", name))


def _missing(draft: Version) -> Iterator[Obstacle]:
    if not draft.texts.filter(authoritative=True).exists():
        yield _lacks("texts", _("Write the text in the authoritative language first."))
    is_a_change = not is_first(draft)
    if is_a_change and draft.change_class != ChangeClass.EDITORIAL and not draft.reasons:
        yield _lacks("reasons", _("Choose at least one reason for the change."))
    if is_a_change and draft.change_class == ChangeClass.MATERIAL:
        for name in ANSWERS:
            if name not in draft.answered:
                yield _lacks(name, _("A material change needs this answer: %(name)s.") % {"name": label_of(name)})
    for text in draft.texts.all():
        text.version = draft
        if text.unmatched:
            yield _lacks(f"answers-{text.language}", half_translated(text))
    proposed = (draft.proposal or {}).get("class")
    if draft.corrects_id and proposed not in {None, ChangeClass.EDITORIAL}:
        words = _(
            "The comparison finds what may matter, and a correction changes no meaning. Start a draft of another"
            " version for it."
        )
        yield _lacks("texts", words)
        return
    if proposed == ChangeClass.MATERIAL != draft.change_class and not draft.lowering_reason.strip():
        yield _lacks("lowering_reason", _("The comparison proposes “material”. Say why you decide otherwise."))


def _in_the_way(draft: Version, at: datetime) -> Iterator[Obstacle]:
    policy = draft.policy
    if policy.retired_at:
        yield Obstacle(Kind.RETIRED, "", _("This policy is retired. It gets no further version."))
    latest = draft.base_today
    if draft.based_on_id != (latest.pk if latest else None):
        name = latest.name.capitalize() if latest else ""
        words = _(
            "%(latest)s was published since this draft was begun. Base the draft on it, and have it approved again."
        )
        yield Obstacle(Kind.OUT_OF_DATE, "", words % {"latest": name})
    elif draft.corrects and not corrections.is_open(draft.corrects, at):
        words = _("What it corrects is neither in force nor announced any more: it stays as it was.")
        yield Obstacle(Kind.OUT_OF_DATE, "", words)
    elif draft.status != Version.Status.DRAFT and not corrections.follows_still(draft, at=at):
        words = _("What is announced changed since this was handed in. Base it on the latest, and hand it in again.")
        yield Obstacle(Kind.OUT_OF_DATE, "", words)
    if not draft.corrects:  # which has no date of its own
        yield from _dates(draft, at)


def _dates(draft: Version, at: datetime) -> Iterator[Obstacle]:
    policy = draft.policy
    if draft.effective_at and draft.effective_at < at:
        words = _("The effective date has passed. Choose a later one, or none for at once.")
        yield Obstacle(Kind.PASSED, "effective_at", words)
    if draft.visible_from and draft.effective_at and draft.effective_at < draft.visible_from:
        words = _(
            "It would take effect before anybody could read it. Choose a later day, or let it be visible earlier."
        )
        yield Obstacle(Kind.HIDDEN, "effective_at", words)
    hidden_until = policy.versions.standing().aggregate(at=Max("published_at"))["at"]
    if hidden_until and max(draft.visible_from or at, at) < hidden_until:
        words = _("An earlier number is visible only from %(at)s on. This one cannot be read before it.")
        yield Obstacle(Kind.OUT_OF_ORDER, "visible_from", words % {"at": _said(hidden_until, policy)})
    last = policy.versions.standing().aggregate(at=Max("effective_at"))["at"]
    if last and (draft.effective_at or draft.visible_from or at) < last:
        named = {"at": _said(last, policy)}
        words = _("An earlier number takes effect only on %(at)s. Choose that day or a later one: none means at once.")
        if draft.effective_at:
            words = _("An earlier number takes effect only on %(at)s. This one cannot come before it.")
        yield Obstacle(Kind.OUT_OF_ORDER, "effective_at", words % named)


def _said(at: datetime, policy: Policy) -> str:
    local = at.astimezone(policy.zone)
    return f"{date_format(local, 'DATE_FORMAT')}, {local:%H:%M} ({policy.time_zone})"


def _lacks(field: str, words: str) -> Obstacle:
    return Obstacle(Kind.MISSING, field, words)
