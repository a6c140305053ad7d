"""Who has accepted a published version, who has not, who declined and who could not be reached: page and CSV."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_lazy, ngettext

from policies import clock
from policies.acceptance.roll import roll_call, uptake
from policies.acceptance.roll.answer_states import State
from policies.acceptance.roll.roll_call import Chosen
from policies.admin.desk.base import frame, may, number_in, user_of
from policies.admin.desk.form_fields import DayField, midnight
from policies.admin.desk.instant_formats import in_zone
from policies.admin.desk.page_links import version_url
from policies.admin.version.shared import VersionsAdmin
from policies.models import Acceptance, AuditEvent, Policy, Version
from policies.notices.returns import mail_addresses
from policies.sign_in.showing_again import asking_again

PAGE = 50


class RollForm(forms.Form):
    """Whom to list."""

    state = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    audience = forms.ChoiceField(label=gettext_lazy("Audience"), required=False)
    since = DayField(label=gettext_lazy("Since"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody, audiences = [("", gettext("all"))], sorted(Policy.objects.known_audiences())
        self.fields["state"].choices = [*everybody, *State.choices]  # type: ignore[attr-defined]
        self.fields["audience"].choices = [*everybody, *((tag, tag) for tag in audiences)]  # type: ignore[attr-defined]
        if not audiences:
            del self.fields["audience"]

    def chosen(self, version: Version) -> Chosen:
        """As far as what was asked can be read; what cannot be stands beside its field."""
        data = self.cleaned_data if self.is_bound and self.is_valid() else {}
        since = data.get("since")
        instant = midnight(since, version.zone) if since else None
        return Chosen(state=data.get("state", ""), audience=data.get("audience", ""), since=instant)


@dataclass(frozen=True)
class Row:
    """A number that is a door to the people behind it."""

    state: str
    label: str
    number: int
    url: str


@dataclass(frozen=True)
class Line:
    name: str
    url: str
    address: str
    audience: str
    state: str
    since: str


@dataclass(frozen=True)
class RollPage:
    """`asks`: whether the version asks anybody; otherwise the page says so and the numbers are about its notice."""

    sentence: str
    asks: bool
    rows: tuple[Row, ...]
    uptake: uptake.Uptake
    total: int
    everybody: int
    begins: str
    ends: str
    effect: str
    form: RollForm
    lines: tuple[Line, ...]
    next_url: str
    csv_url: str
    may_list: bool


def roll(of: VersionsAdmin, request: HttpRequest, version: Version) -> HttpResponse:
    """The numbers for everybody who sees versions; the names for those who see people in lists."""
    _refuse_unpublished(version)
    if not of.has_view_permission(request, version):
        raise PermissionDenied
    context = {
        **frame(of, request, version, gettext("Who has accepted")),
        "page": _build(request, version, at=clock.now()),
        "back": version_url(version),
    }
    return render(request, "admin/policies/version/roll.html", context)


def roll_csv(_of: VersionsAdmin, request: HttpRequest, version: Version) -> StreamingHttpResponse:
    """The same people as CSV: for those who may read evidence and say who they are, and recorded."""
    _refuse_unpublished(version)
    if not may(request, "view_evidence"):
        raise PermissionDenied
    return asking_again(_download)(request, version=version)


def _download(request: HttpRequest, *, version: Version) -> StreamingHttpResponse:
    at = clock.now()
    chosen = RollForm(request.GET).chosen(version)
    AuditEvent.record(
        "roll.exported", version=version, by=user_of(request), at=at, state=chosen.state, audience=chosen.audience
    )
    lines = roll_call.as_csv(version, chosen, at=at)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"{version.policy.slug}-version-{version.number}-accepted.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _build(request: HttpRequest, version: Version, *, at: datetime) -> RollPage:
    form = RollForm(request.GET or None)
    chosen = form.chosen(version)
    counts = roll_call.count(version, audience=chosen.audience, at=at)
    may_list = may(request, "view_evidence") or may(request, "change_notice")
    after, asked = number_in(request.GET.get("after", "")), _asked(request)
    entries, following = roll_call.page(version, chosen, after=after, limit=PAGE, at=at) if may_list else ([], None)
    everybody = roll_call.count(version, at=at) if chosen.audience else counts
    picture = uptake.of(version, total=everybody.total, at=at)
    return RollPage(
        sentence=_sentence(counts),
        asks=version.acceptance != Acceptance.NONE,
        rows=tuple(_rows(version, counts, chosen, may_list=may_list)),
        uptake=picture,
        total=counts.total,
        everybody=everybody.total,
        begins=date_format(picture.days[0].on, "DATE_FORMAT"),
        ends=date_format(picture.ends_on, "DATE_FORMAT"),
        effect=in_zone(version.effective_at, version.zone) if version.effective_at else "",
        form=form,
        lines=tuple(_line(entry, version, request) for entry in entries),
        next_url=f"?{urlencode({**asked, 'after': str(following)})}" if following else "",
        csv_url=f"{version_url(version, 'roll_csv')}?{urlencode(asked)}" if may(request, "view_evidence") else "",
        may_list=may_list,
    )


def _sentence(counts: roll_call.Counts) -> str:
    if not counts.total:
        return gettext("The policy binds nobody: there is nobody to ask.")
    words = ngettext(
        "%(accepted)s of %(n)s person accepted (%(share)s %%).",
        "%(accepted)s of %(n)s people accepted (%(share)s %%).",
        counts.total,
    )
    return words % {"accepted": f"{counts.accepted:,}", "n": f"{counts.total:,}", "share": f"{counts.share:.1f}"}


def _rows(version: Version, counts: roll_call.Counts, chosen: Chosen, *, may_list: bool) -> Iterator[Row]:
    audience = {"audience": chosen.audience} if chosen.audience else {}
    for state in State:
        there = f"{version_url(version, 'roll')}?{urlencode({'state': state.value, **audience})}#people"
        yield Row(state.value, str(state.label), counts.by_state[state], there if may_list else "")


def _line(entry: roll_call.Entry, version: Version, request: HttpRequest) -> Line:
    person = entry.person
    is_shown = may(request, "view_evidence")
    return Line(
        name=str(person),
        url=reverse("admin:policies_person_change", args=[person.pk]) if may(request, "view_person") else "",
        address=person.address if is_shown else mail_addresses.masked(person.address),
        audience=", ".join(person.audiences),
        state=str(entry.state.label),
        since=in_zone(entry.since, version.zone) if entry.since else "–",
    )


def _asked(request: HttpRequest) -> dict[str, str]:
    names = ("state", "audience", "since")
    return {name: request.GET[name] for name in names if request.GET.get(name)}


def _refuse_unpublished(version: Version) -> None:
    if version.published_at is None:
        raise Http404
