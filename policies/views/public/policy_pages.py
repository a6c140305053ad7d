"""Read: the policies, one policy, one of its versions, its history."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.views.decorators.http import require_safe

from policies import clock, date_formats, language_names, timeline
from policies.front.keeping import BY_READER, keep
from policies.models.fields import Label
from policies.text.words import language_tags
from policies.views.public import memento
from policies.views.shared import errors, page_context, responses
from policies.views.shared.origins import open_to_all
from policies.views.shared.policy_urls import of_a_policy, path_to


@dataclass(frozen=True)
class Row:
    """One policy on the home page."""

    record: timeline.Timeline
    shown: page_context.Mention
    path: str
    upcoming: list[page_context.Mention]


@open_to_all
@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """List the policies, each with its dates and its status line; retired ones come last."""
    rows = [_row(its_timeline) for its_timeline in timeline.of_all(at=clock.now())]
    rows.sort(key=lambda row: row.record.policy.retired_at is not None)
    links = [(row.path, relation) for row in rows if (relation := row.record.policy.relation)]
    return keep(request, responses.page(request, "policies/home.html", {"rows": rows}, links=links), by=BY_READER)


@of_a_policy
def policy(request: HttpRequest, its_timeline: timeline.Timeline, language: str) -> HttpResponseBase:
    """Show the version in force; with `?as_of=` the one that governed then; with Accept-Datetime what stood here."""
    if asked := request.GET.get("as_of", ""):
        return _as_of(request, its_timeline, language, asked)
    if "Accept-Datetime" in request.headers:
        return memento.negotiate(request, its_timeline, language)
    response = _show(request, its_timeline, its_timeline.latest, language, is_policy_page=True)
    return memento.describe_original(response, its_timeline, language)


@of_a_policy
def version(request: HttpRequest, its_timeline: timeline.Timeline, language: str, number: Label) -> HttpResponseBase:
    """Show one version, for ever."""
    entry = its_timeline.entry(number)
    if entry is None:
        return errors.version_missing(request, its_timeline, language)
    response = _show(request, its_timeline, entry, language, is_policy_page=False)
    return memento.describe_memento(response, its_timeline, entry, language)


@of_a_policy
def history(request: HttpRequest, its_timeline: timeline.Timeline, language: str) -> HttpResponseBase:
    """Show the time line of versions, and ask which one governed on a day."""
    context = {
        "policy": its_timeline.policy,
        "mentions": [page_context.mention(its_timeline, entry, language) for entry in its_timeline.entries],
        "paths": page_context.paths_of(its_timeline, language),
        "today": its_timeline.at.astimezone(its_timeline.policy.zone).date(),
    }
    return responses.page(request, "policies/history.html", context)


def _show(
    request: HttpRequest, its_timeline: timeline.Timeline, entry: timeline.Entry, language: str, *, is_policy_page: bool
) -> HttpResponseBase:
    page = page_context.version_page(its_timeline, entry, language, is_policy_page=is_policy_page)
    return responses.page(
        request,
        "policies/version.html",
        {"page": page, "policy": its_timeline.policy},
        language=page.text.language,
        links=_links(its_timeline, entry, language),
    )


def _as_of(request: HttpRequest, its_timeline: timeline.Timeline, language: str, asked: str) -> HttpResponseBase:
    """Answer which version governed then, on the legal axis: by the instant each took effect."""
    policy = its_timeline.policy
    try:
        first, last = date_formats.read_moment(asked, policy.zone)
    except date_formats.NotADate as error:
        return errors.unread_date(request, its_timeline, language, str(error))
    moment = date_formats.day_of(first, policy.zone) if first != last else date_formats.instant_of(first, policy.zone)
    then, morning = (its_timeline.in_force_at(at) for at in (last, first))
    if then is None:
        return errors.nothing_governed(request, its_timeline, language, moment)
    before = page_context.mention(its_timeline, its_timeline.entry_of(morning), language) if morning else None
    question = page_context.Asked(moment=moment, changed_that_day=morning != then, morning=before)
    page = page_context.version_page(its_timeline, its_timeline.entry_of(then), language, asked=question)
    context = {"page": page, "policy": policy}
    return responses.page(request, "policies/version.html", context, language=page.text.language)


def _row(its_timeline: timeline.Timeline) -> Row:
    """Its links go on in the language of the reader, which the list is in."""
    policy, shown = its_timeline.policy, its_timeline.latest
    reader = language_names.spoken(translation.get_language() or "")
    language = policy.language if language_tags.are_one(policy.language, reader) else reader
    return Row(
        record=its_timeline,
        shown=page_context.mention(its_timeline, shown, language),
        path=path_to("policy", policy, language),
        upcoming=[
            page_context.mention(its_timeline, each, language) for each in its_timeline.upcoming if each is not shown
        ],
    )


def _links(its_timeline: timeline.Timeline, entry: timeline.Entry, language: str) -> list[tuple[str, str]]:
    """The relations between versions of RFC 5829, and what the document is by RFC 6903."""
    policy = its_timeline.policy
    links = [
        (path_to("policy", policy, language), "latest-version"),
        (path_to("history", policy, language), "version-history"),
    ]
    if entry.predecessor:
        links.append((path_to("version", policy, language, number=entry.predecessor.label), "predecessor-version"))
    following = entry.successor or next((each.version for each in its_timeline.upcoming if each is not entry), None)
    if following:
        links.append((path_to("version", policy, language, number=following.label), "successor-version"))
    if relation := policy.relation:
        links.append((path_to("policy", policy, language), relation))
    return links
