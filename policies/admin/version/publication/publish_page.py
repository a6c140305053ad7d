"""The page to read aloud before publishing: what will happen, to whom, when, and whether promises are kept."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies import publishing
from policies.admin.desk.forms import PublishForm
from policies.admin.desk.instant_formats import in_utc, in_zone
from policies.admin.desk.page_links import version_url
from policies.admin.version.actions import Link, in_the_way
from policies.models import ChangeClass, Promise, Review, Version
from policies.models.fields import Label
from policies.publishing import promise_check

# Proposed for a canary where the deployment sets none.
SOME = 10


@dataclass(frozen=True)
class PublishPage:
    """
    `problems` are the named reasons for which pressing would be refused, each with where it is mended.

    `written_to` is how many people, or followers where nobody else gets a mail, a canary can be taken from.
    """

    number: Label
    people: int
    written_to: int
    tells_people: bool
    button: str
    effective: tuple[str, str]
    is_at_once: bool
    visible: tuple[str, str] | None
    rehearsal: publishing.Rehearsal
    check: publishing.Check
    promise: Promise | None
    approvals: tuple[Review, ...]
    is_overridden: bool
    problems: tuple[Link, ...]

    @property
    def can_publish(self) -> bool:
        return not self.problems


def publish_page(version: Version, *, at: datetime) -> PublishPage:
    """Rehearse the publication of a version at `at`. Reads only."""
    policy = version.policy
    rehearsal = publishing.rehearse(version=version, at=publishing.planned_publication(version, at))
    visible_at, effective_at = publishing.planned_publication(version, at), publishing.planned_effect(version, at)
    dated = copy(version)
    dated.effective_at = effective_at
    check = promise_check.check(version=dated, at=visible_at, reached_at=rehearsal.last_reached_at)
    number = publishing.next_label(version)
    approvals = tuple(
        version.reviews.filter(answer=Review.Answer.APPROVED, manifest_sha256=version.manifest_sha256).select_related(
            "by"
        )
    )
    is_overridden = bool(version.override_reason) and any(review.agrees_to_override for review in approvals)
    return PublishPage(
        number=number,
        people=rehearsal.people if check.tells_people else 0,
        written_to=_written_to(version, rehearsal, check),
        tells_people=check.tells_people,
        button=_button(number, rehearsal.people if check.tells_people else 0),
        effective=(in_zone(effective_at, policy.zone), in_utc(effective_at)),
        is_at_once=effective_at == at,
        visible=(in_zone(visible_at, policy.zone), in_utc(visible_at)) if visible_at > at else None,
        rehearsal=rehearsal,
        check=check,
        promise=check.promise,
        approvals=approvals,
        is_overridden=is_overridden and not check.kept,
        problems=tuple(_problems(version, check, at, is_overridden=is_overridden)),
    )


def first(plan: PublishPage) -> dict[str, object]:
    """What the choice of a canary begins with: as the deployment is set, or a small number that is not chosen."""
    canary = min(settings.NOTICE_CANARY or SOME, max(plan.written_to, 1))
    return {"first": PublishForm.First.FEW if settings.NOTICE_CANARY else PublishForm.First.EVERYBODY, "canary": canary}


def _written_to(version: Version, rehearsal: publishing.Rehearsal, check: publishing.Check) -> int:
    is_quiet = version.change_class == ChangeClass.EDITORIAL and not check.tells_people
    return 0 if is_quiet else rehearsal.written_to(tells_people=check.tells_people)


def _button(number: Label, people: int) -> str:
    if not people:
        return _("Publish version %(number)s") % {"number": number}
    told = ngettext("tell %(n)s person", "tell %(n)s people", people) % {"n": f"{people:,}"}
    return _("Publish version %(number)s and %(told)s") % {"number": number, "told": told}


def _problems(version: Version, check: publishing.Check, at: datetime, *, is_overridden: bool) -> list[Link]:
    """What stands in the way, as far as it can be seen before pressing; the verb itself looks again."""
    found = list(in_the_way(version, at=at))
    if version.status != Version.Status.APPROVED:
        found.append(Link(_("Not approved: submit it for review first."), version_url(version)))
    if not check.kept and not is_overridden:
        words = _(
            "The promise in force would be broken (see below). Choose a later effective date or other means, or let"
            " the author write a reason for overriding it and an approver agree to that."
        )
        found.append(Link(words, f"{version_url(version)}#id_effective_on"))
    return found
