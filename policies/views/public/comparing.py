"""Compare: the redline of any two versions, in line, side by side, or its changes only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies import rendering, timeline
from policies.evidence.pack import printing
from policies.models import Version, VersionText
from policies.models.fields import Label
from policies.sign_in import networks
from policies.text.words import language_tags
from policies.views.shared import errors, limits, page_context, responses
from policies.views.shared.policy_urls import of_a_policy, path_to

VIEWS = {"inline": "inline_html", "side": "side_html", "changes": "changes_html"}
# A pair that no publication stored is compared when somebody asks; an hour long nobody asks twice.
KEPT_SECONDS = 3600
MOST_KEPT_CHARACTERS = 300_000
# Comparing two long texts takes seconds of a processor: so many a minute for one caller.
COMPARISONS_PER_MINUTE = 30


class TooMany(Exception):
    """One caller asked for more new comparisons in a minute than one may."""


@dataclass(frozen=True)
class Tab:
    """One way to look at the same redline."""

    name: str
    path: str
    is_shown: bool


@dataclass(frozen=True)
class ComparePage:
    """Everything that a redline's page shows."""

    before: page_context.Mention
    after: page_context.Mention
    language: str
    missing_language: str
    html: str
    counts: str
    is_recorded: bool
    is_same: bool
    sections: list[dict[str, Any]]
    between: list[page_context.Mention]
    tabs: list[Tab]
    view: str
    choices: list[page_context.Mention]
    paths: dict[str, str]
    pdf_path: str


@of_a_policy
def compare_any(request: HttpRequest, its_timeline: timeline.Timeline, language: str) -> HttpResponseBase:
    """Go to the redline that was picked from the two selects; without a choice, to the latest change."""
    labels = [entry.label for entry in its_timeline.entries]
    picked = [Label.read(request.GET.get(name, "")) for name in ("from", "to")]
    if picked == [None, None] and len(labels) > 1:
        picked = [labels[1], labels[0]]
    before, after = picked
    if before not in labels or after not in labels or before is None or after is None:
        return errors.version_missing(request, its_timeline, language)
    return _to(request, its_timeline, language, before, after)


@of_a_policy
def compare(
    request: HttpRequest, its_timeline: timeline.Timeline, language: str, before: Label, after: Label
) -> HttpResponseBase:
    """Show what changed from one version to another."""
    view = request.GET.get("view", "inline")
    if before >= after or view not in VIEWS:
        return _to(request, its_timeline, language, before, after)
    try:
        page = compared(its_timeline, before, after, language=language, view=view, caller=networks.caller(request))
    except TooMany:
        return errors.too_many(request)
    if page is None:
        return errors.version_missing(request, its_timeline, language)
    return responses.page(
        request, "policies/compare.html", {"page": page, "policy": its_timeline.policy}, language=page.language
    )


@of_a_policy
def compare_typed(
    request: HttpRequest, its_timeline: timeline.Timeline, language: str, before: Label, after: Label
) -> HttpResponseBase:
    """Two versions, parted by the one sign for three dots that telephones make of them."""
    return _to(request, its_timeline, language, before, after)


def _to(
    request: HttpRequest, its_timeline: timeline.Timeline, language: str, before: Label, after: Label
) -> HttpResponseBase:
    """Redirect to the one address of a pair: the older first, a known view; of one version there is only its page."""
    policy = its_timeline.policy
    if before == after:
        return HttpResponseRedirect(path_to("version", policy, language, number=after))
    path = path_to("compare", policy, language, before=min(before, after), after=max(before, after))
    view = request.GET.get("view", "")
    return HttpResponseRedirect(f"{path}?view={view}" if view in VIEWS else path)


def compared(
    its_timeline: timeline.Timeline, first: Label, second: Label, *, language: str, view: str, caller: str
) -> ComparePage | None:
    """
    Everything that shows what changed from one version to a later one; None where there is no such version.

    :raises TooMany: if it would have to be made, and the caller had too many made
    """
    old, new = its_timeline.entry(first), its_timeline.entry(second)
    if old is None or new is None:
        return None
    policy = its_timeline.policy
    before, after = _texts(old.version, new.version, language)
    found = _comparison(before, after, caller=caller, at=its_timeline.at)
    path = path_to("compare", policy, language, before=old.label, after=new.label)
    names = {"inline": _("In the text"), "side": _("Side by side"), "changes": _("Changes only")}
    between = [entry for entry in its_timeline.entries if old.label < entry.label <= new.label]
    return ComparePage(
        before=page_context.mention(its_timeline, old, language),
        after=page_context.mention(its_timeline, new, language),
        language=after.language,
        missing_language=page_context.missing(language, after),
        html=found[VIEWS[view]],
        counts=sentence(found["summary"]),
        is_recorded=found["is_recorded"],
        is_same=not any(found["summary"].values()),
        sections=found["sections"],
        between=[page_context.mention(its_timeline, entry, language) for entry in between],
        tabs=[
            Tab(name=name, path=f"{path}?view={key}" if key != "inline" else path, is_shown=key == view)
            for key, name in names.items()
        ],
        view=view,
        choices=[page_context.mention(its_timeline, entry, language) for entry in its_timeline.entries],
        paths=page_context.paths_of(its_timeline, language),
        pdf_path=_path_to_pdf(its_timeline, old, new, language) if printing.can_print() else "",
    )


def _path_to_pdf(its_timeline: timeline.Timeline, old: timeline.Entry, new: timeline.Entry, language: str) -> str:
    return path_to("redline_pdf", its_timeline.policy, language, before=old.label, after=new.label)


def sentence(summary: dict[str, int]) -> str:
    """Say the counts of a redline: “4 sections changed, 1 moved, 1 new; 62 words added, 18 removed”."""

    def count(name: str) -> int:
        return summary.get(name, 0)

    changed = ngettext("%(n)d section changed", "%(n)d sections changed", count("sections_changed"))
    sections = [
        changed % {"n": count("sections_changed")} if count("sections_changed") else "",
        _("%(n)d new") % {"n": count("sections_added")} if count("sections_added") else "",
        _("%(n)d removed") % {"n": count("sections_removed")} if count("sections_removed") else "",
        _("%(n)d moved") % {"n": count("sections_moved")} if count("sections_moved") else "",
        _("%(n)d renamed") % {"n": count("sections_renamed")} if count("sections_renamed") else "",
    ]
    added = ngettext("%(n)d word added", "%(n)d words added", count("words_added")) % {"n": count("words_added")}
    words = _("%(added)s, %(n)d removed") % {"added": added, "n": count("words_removed")}
    return "; ".join(filter(None, [", ".join(filter(None, sections)), words]))


def _texts(old: Version, new: Version, language: str) -> tuple[VersionText, VersionText]:
    """Both in the language asked for, or both in the authoritative one: two languages are never compared."""
    found = {(text.version_id, text.language): text for version in (old, new) for text in version.all_texts}
    for each in language_tags.fallbacks(language):
        pair = found.get((old.pk, each)), found.get((new.pk, each))
        if pair[0] and pair[1]:
            return pair[0], pair[1]
    authoritative = {text.version_id: text for text in found.values() if text.authoritative}
    return authoritative[old.pk], authoritative[new.pk]


def _comparison(before: VersionText, after: VersionText, *, caller: str, at: datetime) -> dict[str, Any]:
    """
    What the page shows of a pair, as a publication bound it, or from the cache.

    :raises TooMany: if it would have to be made, and the caller had too many made
    """
    key = f"comparison:{before.pk}:{after.pk}"
    found: dict[str, Any] | None = cache.get(key)
    if found is None:
        recorded = rendering.recorded_comparison(before, after)
        minute = int(at.timestamp()) // 60
        if not recorded and limits.is_over("compare", caller, per_minute=COMPARISONS_PER_MINUTE, minute=minute):
            raise TooMany
        made = recorded or rendering.comparison_of(before, after)
        found = {name: getattr(made, name) for name in (*VIEWS.values(), "summary", "sections")}
        is_recorded = found["is_recorded"] = recorded is not None
        if not is_recorded and sum(len(found[name]) for name in VIEWS.values()) < MOST_KEPT_CHARACTERS:
            cache.set(key, found, KEPT_SECONDS)
    return found
