"""The ready values that templates of public pages get: no template asks the database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from policies import date_formats, language_names, rendering, timeline
from policies.evidence.pack import printing
from policies.models import Summary, Version, VersionText
from policies.text.words import language_tags
from policies.views.shared.policy_urls import absolute, path_to

# A page with fewer headings than this is read faster than its contents list.
FEWEST_HEADINGS = 3


@dataclass(frozen=True)
class Language:
    """A language that a version can be read in."""

    code: str
    name: str
    path: str
    is_shown: bool

    @property
    def address(self) -> str:
        """The whole one, as crawlers want it."""
        return absolute(self.path)


@dataclass(frozen=True)
class Mention:
    """A version as a page mentions it: its line, its page, and the redline against the one before."""

    entry: timeline.Entry
    path: str
    compare_path: str = ""
    language: str = ""

    @property
    def summary(self) -> Summary:
        """What its editors say changed, in the page's language where they do."""
        return self.version.summary_in(self.language)

    @property
    def version(self) -> Version:
        return self.entry.version

    @property
    def updated(self) -> date_formats.DateWords:
        return date_formats.last_updated(self.version)

    @property
    def effect(self) -> date_formats.DateWords:
        return date_formats.effect(self.version)

    @property
    def shows_effect(self) -> bool:
        return self.entry.state == timeline.State.IN_FORCE and date_formats.differs_from_effect(self.version)


@dataclass(frozen=True)
class Moved:
    """A version was moved to another day, for a reason."""

    on: date_formats.DateWords
    was: date_formats.DateWords
    to: date_formats.DateWords
    is_earlier: bool
    reason: str


@dataclass(frozen=True)
class Asked:
    """The question "which version governed then", and what governed as that day began where it changed during it."""

    moment: date_formats.DateWords
    changed_that_day: bool = False
    morning: Mention | None = None


@dataclass(frozen=True)
class VersionPage(Mention):
    """Everything that the page of one version shows."""

    text: VersionText = field(kw_only=True)
    html: str = field(kw_only=True)
    contents: list[dict[str, Any]] = field(kw_only=True)
    languages: list[Language] = field(kw_only=True)
    paths: dict[str, str] = field(kw_only=True)
    is_policy_page: bool = field(kw_only=True)
    missing_language: str = ""
    current: Mention | None = None
    upcoming: list[Mention] = field(default_factory=list)
    reviewed: date_formats.DateWords | None = None
    moved: "list[Moved]" = field(default_factory=list)
    asked: Asked | None = None

    @property
    def canonical(self) -> str:
        return absolute(self.path)

    @property
    def short_fingerprint(self) -> str:
        return self.text.sha256[:12]


def mention(its_timeline: timeline.Timeline, entry: timeline.Entry, language: str) -> Mention:
    """Mention a version on another page."""
    policy, before = its_timeline.policy, entry.predecessor
    return Mention(
        entry=entry,
        path=path_to("version", policy, language, number=entry.label),
        compare_path=path_to("compare", policy, language, before=before.label, after=entry.label) if before else "",
        language=language,
    )


def paths_of(its_timeline: timeline.Timeline, language: str) -> dict[str, str]:
    """The addresses of a policy's pages, by name."""
    names = ("policy", "history", "compare_any", "atom", "json_feed", "follow")
    return {name: path_to(name, its_timeline.policy, language) for name in names}


def version_page(
    its_timeline: timeline.Timeline,
    entry: timeline.Entry,
    language: str,
    *,
    is_policy_page: bool = False,
    asked: Asked | None = None,
) -> VersionPage:
    """Gather the page of one version in a language, or in the authoritative one where it has no such text."""
    policy = its_timeline.policy
    text, languages = entry.version.text_in(language), [each.language for each in entry.version.all_texts]
    shown = rendering.rendering_of(text)
    here = mention(its_timeline, entry, text.language)
    in_force = its_timeline.in_force
    return VersionPage(
        entry=entry,
        path=path_to("policy", policy, text.language) if is_policy_page else here.path,
        compare_path=here.compare_path,
        language=text.language,
        text=text,
        html=shown.html,
        contents=_contents(shown.contents),
        languages=[_language(its_timeline, entry, code, text, is_policy_page) for code in languages],
        paths=paths_of(its_timeline, language) | _paths_of_version(its_timeline, entry, text.language),
        is_policy_page=is_policy_page,
        missing_language=missing(language, text),
        current=mention(its_timeline, in_force, language) if in_force and in_force is not entry else None,
        upcoming=[mention(its_timeline, each, language) for each in its_timeline.upcoming if each is not entry],
        reviewed=date_formats.day_of(its_timeline.reviewed_at, policy.zone) if its_timeline.reviewed_at else None,
        moved=_moved(entry.version),
        asked=asked,
    )


def missing(language: str, text: VersionText) -> str:
    """The name of the language that was asked for, where the text is in another one."""
    is_there = language_tags.nearest(language, [text.language])
    return "" if is_there else language_names.name_of(language)


def _moved(version: Version) -> list[Moved]:
    zone = version.zone
    return [
        Moved(
            on=date_formats.with_place(each.at, zone),
            was=date_formats.with_place(each.was_effective_at, zone),
            to=date_formats.with_place(each.effective_at, zone),
            is_earlier=each.is_earlier,
            reason=each.reason,
        )
        for each in version.date_changes.all()
    ]


def _language(
    its_timeline: timeline.Timeline, entry: timeline.Entry, code: str, shown: VersionText, is_policy_page: bool
) -> Language:
    policy = its_timeline.policy
    path = path_to("policy", policy, code) if is_policy_page else path_to("version", policy, code, number=entry.label)
    return Language(code=code, name=language_names.own_name_of(code), path=path, is_shown=code == shown.language)


def _contents(headings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The two highest levels of headings that a text uses, if there are enough of them to need a list."""
    top = min((heading["level"] for heading in headings), default=2)
    listed = [{**heading, "is_deeper": heading["level"] > top} for heading in headings if heading["level"] <= top + 1]
    return listed if len(listed) >= FEWEST_HEADINGS else []


def _paths_of_version(its_timeline: timeline.Timeline, entry: timeline.Entry, language: str) -> dict[str, str]:
    """The version's own page, its files beside it, and what has changed since."""
    policy, in_force = its_timeline.policy, its_timeline.in_force
    names = ("version", "markdown", "plain", "json", *(("pdf",) if printing.can_print() else ()))
    paths = {name: path_to(name, policy, language, number=entry.label) for name in names}
    if in_force and in_force.label > entry.label:
        paths["since"] = path_to("compare", policy, language, before=entry.label, after=in_force.label)
    return paths
