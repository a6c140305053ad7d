"""What the desk says about one policy: its status, its versions, its next review, the verbs at hand."""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from policies.admin.desk.page_links import policy_url, version_url
from policies.admin.desk.verb_page import Button
from policies.admin.policy import terms_page
from policies.models import Policy, Version

# (the verb's name in the address, its permission, its label)
VERBS = (
    ("new_version", "add_version", gettext_lazy("New version")),
    ("import", "add_version", gettext_lazy("Import a text")),
    ("confirm", "publish_version", gettext_lazy("Confirm reviewed unchanged")),
    ("rename", "publish_version", gettext_lazy("Rename address")),
    ("terms", "change_policy", gettext_lazy("Change the terms")),
    ("retire", "publish_version", gettext_lazy("Retire")),
    ("delete_unpublished", "add_policy", gettext_lazy("Delete")),
)
# About what was published: before that there is no link to keep working, and nothing to retire.
OF_THE_PUBLISHED = {"rename", "retire"}
OF_THE_UNPUBLISHED = {"delete_unpublished"}
# What can be done with proposed terms.
OF_PROPOSED = (
    ("approve_terms", "approve_version", gettext_lazy("Approve")),
    ("take_back_terms", "change_policy", gettext_lazy("Take back")),
)

# What is being written comes next: it stands above all that was published.
NEWEST_FIRST = (F("number").desc(nulls_first=True), "-correction", "-id")


@dataclass(frozen=True)
class Row:
    """One version in the list on the policy's page."""

    name: str
    state: str
    tone: str
    when: str
    url: str


@dataclass(frozen=True)
class PolicyPage:
    status: str
    review: str
    is_review_due: bool
    buttons: tuple[Button, ...]
    versions: tuple[Row, ...]
    terms: tuple[terms_page.OnRecord, ...]
    proposed: terms_page.Proposed | None
    proposed_buttons: tuple[Button, ...]
    public_url: str
    audit_url: str


@dataclass(frozen=True)
class Shelved:
    """One policy in one line: what readers see now, and what comes next."""

    title: str
    status: str
    upcoming: str
    url: str


def shelf_of(policy: Policy, *, at: datetime) -> Shelved:
    """The line of one policy on the desk's first page."""
    return Shelved(policy.title, status_line(policy, at=at), upcoming_line(policy, at=at), policy_url(policy))


def build(policy: Policy, *, at: datetime, may: Callable[[str], bool]) -> PolicyPage:
    """Everything the page of a policy shows beside its settings."""
    due = review_due_on(policy)
    proposed, terms = terms_page.proposed(policy), terms_page.on_record(policy)
    return PolicyPage(
        status=status_line(policy, at=at),
        review=review_line(policy, at=at),
        is_review_due=bool(due and due <= at.astimezone(policy.zone).date()),
        buttons=tuple(_buttons(policy, may, at=at, has_terms=bool(terms), has_proposed=bool(proposed))),
        versions=tuple(_row(version, at) for version in policy.versions.order_by(*NEWEST_FIRST)),
        terms=terms,
        proposed=proposed,
        proposed_buttons=tuple(
            Button(str(label), policy_url(policy, verb), is_first=verb == "approve_terms")
            for verb, permission, label in OF_PROPOSED
            if may(permission)
        ),
        public_url=f"/p/{policy.slug}/",
        audit_url=f"{reverse('admin:policies_auditevent_changelist')}?policy__id__exact={policy.pk}",
    )


def status_line(policy: Policy, *, at: datetime) -> str:
    """What readers see now."""
    if policy.retired_at:
        return _("retired")
    version = policy.versions.in_force(at).first()
    if version is None:
        return _("no version in force")
    return _("%(version)s in force since %(day)s") % {
        "version": version.name,
        "day": day(version, version.effective_at),
    }


def upcoming_line(policy: Policy, *, at: datetime) -> str:
    """What comes next: every version that was announced, with its date, and how many drafts are being written."""
    parts = [
        _("%(version)s takes effect on %(day)s") % {"version": version.name, "day": day(version, version.effective_at)}
        for version in policy.versions.upcoming(at)
    ]
    if drafts := policy.versions.drafts().count():
        parts.append(ngettext("%(n)d draft", "%(n)d drafts", drafts) % {"n": drafts})
    return ", ".join(parts) or "–"


def review_due_on(policy: Policy) -> date | None:
    """The day by which somebody has to read the text again; None where nothing was published or all is retired."""
    latest = policy.versions.standing().first()
    if policy.retired_at or latest is None or latest.published_at is None:
        return None
    reviewed = policy.reviews.order_by("at").last()
    since = max(latest.published_at, reviewed.at) if reviewed else latest.published_at
    return _months_later(since.astimezone(policy.zone).date(), policy.review_interval_months)


def review_line(policy: Policy, *, at: datetime) -> str:
    due = review_due_on(policy)
    if due is None:
        return "–"
    shown = formats.date_format(due, "DATE_FORMAT")
    return _("due since %s") % shown if due <= at.astimezone(policy.zone).date() else shown


def day(version: Version, instant: datetime | None) -> str:
    """A day named in the policy's legal zone."""
    return formats.date_format(instant.astimezone(version.zone), "DATE_FORMAT") if instant else "–"


def state_of(version: Version, at: datetime) -> tuple[str, str]:
    """The state of a version in one word, and the tone it is shown in (quiet, busy, good, soon, bad)."""
    if version.withdrawn_at:
        return _("withdrawn"), "bad"
    if version.published_at is None:
        tone = {"draft": "quiet", "in_review": "busy", "approved": "good"}[version.status]
        return version.get_status_display().lower(), tone
    if version.published_at > at:
        return _("under embargo"), "soon"
    if version.effective_at and version.effective_at > at:
        return _("upcoming"), "soon"
    # The list of versions has asked for all its rows at once.
    is_in_force = getattr(version, "is_in_force", None)
    if is_in_force is None:
        is_in_force = Version.objects.in_force(at).filter(pk=version.pk).exists()
    if is_in_force:
        return _("in force"), "good"
    return _("superseded"), "quiet"


def _buttons(
    policy: Policy, may: Callable[[str], bool], *, at: datetime, has_terms: bool, has_proposed: bool
) -> list[Button]:
    """Terms have a verb once they are on record, for one proposal at a time; what is in force can be confirmed."""
    hidden = set() if has_terms and not has_proposed else {"terms"}
    hidden |= set() if policy.versions.in_force(at).exists() else {"confirm"}
    hidden |= OF_THE_UNPUBLISHED if policy.is_published else OF_THE_PUBLISHED
    if policy.retired_at:
        hidden |= {verb for verb, _permission, _label in VERBS} - OF_THE_UNPUBLISHED
    return [
        Button(str(label), policy_url(policy, verb), is_first=verb == "new_version")
        for verb, permission, label in VERBS
        if may(permission) and verb not in hidden
    ]


def _row(version: Version, at: datetime) -> Row:
    state, tone = state_of(version, at)
    when = (
        _("takes effect %s") % day(version, version.effective_at)
        if tone == "soon"
        else _("since %s") % day(version, version.effective_at)
        if version.published_at
        else _("edited %s") % day(version, version.edited_at)
    )
    return Row(str(version.name), str(state), tone, when, version_url(version))


def _months_later(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
