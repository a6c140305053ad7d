"""What an answer page shows about one question, with the signed token that says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.template.loader import get_template
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from policies import acceptance, rendering
from policies.acceptance import Question, consent_screens
from policies.look import in_use
from policies.models import Comparison, Person, Policy, Rendering, Summary, Version, VersionText
from policies.text.structure import anchors
from policies.views.people.question_context import QuestionContext, in_words

# What decides, beside the templates, how the screen looks and what its form sends.
STATIC = ("css/site.css", "css/redline.css", "css/answer.css", "js/answer.js")


@dataclass(frozen=True)
class Sources:
    """One of the answer screens: its template, its parts, and the words on it before a document's name is put in."""

    template: str
    parts: tuple[str, ...]

    def files(self) -> tuple[tuple[str, str], ...]:
        """What makes the screen, by name and content: the files, and what the organization chose for all pages."""
        kept = in_use.look().kept
        return (*_files((self.template, *self.parts)), *((("look", kept),) if kept else ()))


@dataclass(frozen=True)
class Wording:
    """The words that make the act: named after the document and its version, and quoting the button."""

    document: str
    accept: str
    decline: str
    later: str
    statement: str
    tick: str

    def by_answer(self) -> dict[str, str]:
        """The words of each answer, by the name the form gives it."""
        return {"accept": f"{self.statement} {self.tick}", "decline": self.decline, "later": self.later}


@dataclass(frozen=True)
class Asked:
    """
    One question on a page; `summaries`, the newest first, are those of the versions since the one `comparison` starts
    from.

    `overtaken` is the version that somebody answered about too late; `token` describes what is shown.
    """

    question: QuestionContext
    summaries: tuple[tuple[Version, Summary], ...]
    text: VersionText
    rendering: Rendering
    comparison: Comparison | None
    wording: Wording
    token: str
    overtaken: Version | None

    @property
    def text_html(self) -> str:
        """The whole text, with ids that no other text on the page has."""
        return anchors.apart(self.rendering.html, self.question.policy.slug)

    @property
    def changes_html(self) -> str:
        """The changes, in the same way: their links lead to each other, and into the whole text."""
        return anchors.apart(self.comparison.changes_html, self.question.policy.slug) if self.comparison else ""


def document(text: VersionText, version: Version) -> str:
    """How a document is called beside the button: by its title and version."""
    return _("%(title)s, version %(number)s") % {"title": text.title, "number": version.label}


def ask(
    question: Question,
    *,
    person: Person,
    text: VersionText,
    wording: Wording,
    screen_sha256: str,
    overtaken: Version | None,
    at: datetime,
) -> Asked:
    """Show a question to one person: what changed for them, the text, and the token that the form brings back."""
    version = question.version
    before = overtaken or question.accepted or (version.based_on if question.rests_on_use else None)
    page = rendering.rendering_of(text)
    shown = consent_screens.show(
        version=version,
        person=person,
        language=text.language,
        compared_with=before,
        rendering=page.bound,
        screen_sha256=screen_sha256,
        wordings=wording.by_answer(),
        locale=locale(),
        at=at,
    )
    return Asked(
        question=in_words(question, at),
        summaries=_summaries(before, version, text.language),
        text=text,
        rendering=page,
        comparison=rendering.comparison_of(before.text_in(text.language), text) if before else None,
        wording=wording,
        token=consent_screens.token_of(shown),
        overtaken=overtaken,
    )


def version_shown(policy: Policy, shown: consent_screens.Shown, manifest_sha256: str) -> Version:
    """
    The version the form was about, where its hidden fields and its signed token say the same.

    :raises StaleScreen: where they do not
    """
    version = policy.versions.filter(pk=shown.version_id).first()
    if version is None or not manifest_sha256 == shown.manifest_sha256 == version.manifest_sha256:
        raise acceptance.StaleScreen
    return version


def showing(
    shown: consent_screens.Shown, given: str, *, sources: Sources, labels: Mapping[str, str], at: datetime
) -> acceptance.Showing:
    """
    What was on the screen, with the screen itself put on the record.

    :raises StaleScreen: if the site was updated between showing and sending
    """
    screen = consent_screens.keep_screen(template=sources.template, sources=sources.files(), wording=labels, at=at)
    if screen.sha256 != shown.screen_sha256:
        raise acceptance.StaleScreen
    return consent_screens.showing_of(shown, answer=given, screen=screen)


def text_for(request: HttpRequest, version: Version, person: Person) -> VersionText:
    """The text that a reader gets: as their browser asks, else in their own language, else the authoritative one."""
    asked = [tag for tag, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    return version.text_in(*asked, person.language)


def locale() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _summaries(before: Version | None, version: Version, language: str) -> tuple[tuple[Version, Summary], ...]:
    """The versions whose changes the redline shows together; each has its own four answers."""
    if before is None:
        return ((version, version.summary_in(language)),)
    between = version.policy.versions.standing().up_to(version.label).newer_than(before.label)
    return tuple((each, each.summary_in(language)) for each in between.with_summaries())


@cache
def _files(templates: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    sources = [(name, get_template(name).template.source) for name in templates]  # type: ignore[attr-defined]
    static = [(name, Path(str(finders.find(name))).read_text()) for name in STATIC]
    return (*sources, *static)
