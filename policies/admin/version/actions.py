"""How far a version has come, the one next step, and the other doors on its page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from policies import authoring, publishing, review
from policies.admin.desk.instant_formats import in_zone
from policies.admin.desk.page_links import hand_in_again_url, translation_url, version_url
from policies.authoring.obstacles import Kind, obstacles_of
from policies.models import Acceptance, AuditEvent, User, Version


@dataclass(frozen=True)
class Step:
    """One stage of a version's life. `state` is done, now or ahead; `detail` says who and when."""

    label: str
    state: str
    detail: str = ""


@dataclass(frozen=True)
class NextStep:
    """The one primary button. Without an address it only says whose turn it is."""

    label: str
    url: str = ""
    explanation: str = ""
    missing: tuple["Link", ...] = ()


@dataclass(frozen=True)
class Link:
    """A door to another page about the version."""

    label: str
    url: str
    is_grave: bool = False


def steps_of(version: Version, at: datetime) -> tuple[Step, ...]:
    """Draft, in review, approved, published, in force: how far this version is, and who took it there."""
    reached = Version.Status.values.index(version.status)
    takers = ["version.started", "version.submitted", "version.approved", "version.published"]
    if version.imported:
        takers[3] = "version.recorded"
    steps = []
    for position, label in enumerate(Version.Status.labels):
        # Being published lasts no time: once there, it is done.
        done = position < reached or version.status == Version.Status.PUBLISHED
        state = "done" if done else "now" if position == reached else "ahead"
        detail = _who_and_when(version, takers[position]) if position <= reached else ""
        steps.append(Step(str(label), state, detail))
    return (*steps, _in_force_step(version, at))


def next_step(version: Version, at: datetime, may: Callable[[str], bool], *, by: User) -> NextStep:
    """What the one primary button does now, for this person."""
    if version.goes_with and version.published_at is None:
        what = _("It is edited, reviewed and published together with the correction it follows.")
        return NextStep(_("Open that correction"), version_url(version.goes_with, "change"), what)
    match version.status:
        case Version.Status.DRAFT:
            return _submitting(version, at, may)
        case Version.Status.IN_REVIEW:
            return _reviewing(version, may, by=by)
        case Version.Status.APPROVED:
            label = _("Publish…")
            return (
                NextStep(label, version_url(version, "publish"), _("Opens the page to read before you publish."))
                if may("publish_version")
                else NextStep(_("Approved: waiting for a publisher"))
            )
        case _:
            return NextStep("")


def _reviewing(version: Version, may: Callable[[str], bool], *, by: User) -> NextStep:
    approvers = review.approvers_of(version)
    if approvers.filter(pk=by.pk).exists():
        return NextStep(_("Review this version"), version_url(version, "review"))
    if not approvers.exists():
        return NextStep(_("Nobody can approve it yet"), explanation=_("Somebody else needs the role approver."))
    if may("approve_version"):
        # Whoever edited it may still send it back.
        return NextStep(_("Waiting for another approver"), explanation=_("You edited it: somebody else approves it."))
    return NextStep(_("Waiting for an approver"), explanation=_("Saving an edit takes it back to a draft."))


def _submitting(version: Version, at: datetime, may: Callable[[str], bool]) -> NextStep:
    if not may("change_version"):
        return NextStep(_("Being written"))
    label, missing = _("Submit for review…"), tuple(in_the_way(version, at=at))
    return NextStep(label, version_url(version, "submit"), missing=missing)


def in_the_way(version: Version, *, at: datetime) -> Iterator[Link]:
    """What a draft lacks, and what keeps it from being published; each leads to the field where it is mended."""
    for each in obstacles_of(version, at=at):
        # Without a field of its own: the page of the draft has the button that helps.
        place = f"#{_anchor(version, each.field)}" if each.field else ""
        yield Link(each.words, f"{version_url(version)}{place}")


def _anchor(version: Version, field: str) -> str:
    """The id of the part of the draft's form where a field stands."""
    places = {
        "texts": f"text-{version.policy.language}",
        "reasons": "id_reasons_0",
        "effective_at": "id_effective_on",
    }
    return field if field.startswith("answers-") else places.get(field, f"id_{field}")


def links_of(version: Version, at: datetime, may: Callable[[str], bool], *, has_furniture: bool) -> list[Link]:
    """The doors beside the next step, as far as this person may open them."""
    if version.published_at is None:
        links = list(_of_a_draft(version, at, may, has_furniture=has_furniture))
        return links if version.goes_with_id is None else links[:1]
    return [*_of_a_published(version, at, may), *_moving(version, at, may)]


def _of_a_draft(version: Version, at: datetime, may: Callable[[str], bool], *, has_furniture: bool) -> Iterator[Link]:
    yield Link(_("Revisions"), version_url(version, "revisions"))
    if may("change_version") and has_furniture:
        yield Link(_("Remove lines of the page"), version_url(version, "tidy"))
    if may("change_version") and is_out_of_date(version, at):
        yield Link(_("Base on the latest version"), version_url(version, "rebase"))
    if may("delete_version"):
        yield Link(_("Discard"), version_url(version, "discard"), is_grave=True)


def _of_a_published(version: Version, at: datetime, may: Callable[[str], bool]) -> Iterator[Link]:
    yield Link(_("Public page"), f"/p/{version.policy.slug}/v/{version.label}/")
    if version.acceptance != Acceptance.NONE:
        yield Link(_("Who has accepted"), version_url(version, "roll"))
    if may("add_version") and version.policy.retired_at is None and not version.correction:
        yield Link(_("Start a draft from this"), version_url(version, "start_from"))
    if may("change_version") and authoring.is_open(version, at):
        yield Link(_("Correct this text"), version_url(version, "correct"))
    if may("change_version") and not version.withdrawn_at:
        yield Link(_("Add a translation"), version_url(version, "translate"))
    yield from _translations(version, may)
    if may("view_evidence"):
        yield Link(_("Evidence pack"), version_url(version, "evidence"))


def _moving(version: Version, at: datetime, may: Callable[[str], bool]) -> Iterator[Link]:
    """What can be done about the day of a version that is announced."""
    is_ahead = version.effective_at and version.effective_at > at and not version.withdrawn_at
    if is_ahead and not version.correction and may("publish_version"):
        yield Link(_("Postpone"), version_url(version, "postpone"))
        if publishing.is_untold([version]):
            yield Link(_("Bring forward"), version_url(version, "bring_forward"))
        yield Link(_("Withdraw"), version_url(version, "withdraw"), is_grave=True)


def _translations(version: Version, may: Callable[[str], bool]) -> Iterator[Link]:
    """The doors to what was handed in and is not published yet."""
    for proposal in version.proposed_translations.all():
        named = {"language": proposal.language_name}
        if may("approve_version") and not version.withdrawn_at:
            yield Link(_("Review the translation into %(language)s") % named, translation_url(proposal))
        if may("change_version"):
            again = _("Hand the translation into %(language)s in again") % named
            if not version.withdrawn_at:
                yield Link(again, hand_in_again_url(proposal))
            back = translation_url(proposal, "take_translation_back")
            yield Link(_("Take the translation into %(language)s back") % named, back, is_grave=True)


def is_out_of_date(version: Version, at: datetime) -> bool:
    """Whether another version was published since this draft was based on one, or handed in."""
    is_draft = version.published_at is None
    return is_draft and any(each.kind == Kind.OUT_OF_DATE for each in obstacles_of(version, at=at))


def _who_and_when(version: Version, verb: str) -> str:
    event = AuditEvent.objects.filter(version=version, verb=verb).select_related("actor").first()
    if event is None:
        return ""
    return f"{event.actor or _('the system')}, {in_zone(event.at, version.zone)}"


def _in_force_step(version: Version, at: datetime) -> Step:
    if version.withdrawn_at:
        return Step(_("Withdrawn"), "now", in_zone(version.withdrawn_at, version.zone))
    if version.published_at is None or version.effective_at is None:
        return Step(_("In force"), "ahead")
    moment = in_zone(version.effective_at, version.zone)
    if version.effective_at > at:
        return Step(_("In force"), "ahead", _("from %s") % moment)
    is_now = Version.objects.in_force(at).filter(pk=version.pk).exists()
    return Step(_("In force") if is_now else _("Superseded"), "now" if is_now else "done", moment)
