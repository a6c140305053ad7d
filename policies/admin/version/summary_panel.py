"""What readers of each language are told about a change, and what an editor should look at in it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from policies import language_names
from policies.authoring import obstacles
from policies.models import ANSWERS, Summary, Version, VersionText
from policies.text.meaning import summary_lint


@dataclass(frozen=True)
class SummaryPanel:
    """
    `answers` are (question, answer) as readers of `readers_language` get them, in `language`.

    `note` says where that is another one.
    """

    readers_language: str
    readers_language_name: str
    language: str
    answers: tuple[tuple[str, str], ...]
    note: str = ""
    warnings: tuple[str, ...] = ()


def summary_panels(version: Version) -> tuple[SummaryPanel, ...]:
    """What is said in every language of a version, the authors' first; of a draft with what should be looked at."""
    texts = list(version.texts.all())
    authors = next((text.language for text in texts if text.authoritative), version.policy.language)
    own, warns = Summary(authors, **version.answers), version.published_at is None
    warnings = tuple(_findings(own)) if warns else ()
    first = SummaryPanel(authors, language_names.name_of(authors), authors, own.titled, warnings=warnings)
    return first, *(_translated(version, text, own, warns=warns) for text in texts if not text.authoritative)


def panel_of(text: VersionText) -> SummaryPanel:
    """What readers of a translation would be told, with what should be looked at; it need not be saved."""
    version = text.version
    return _translated(version, text, Summary(version.text_in("").language, **version.answers), warns=True)


def _translated(version: Version, text: VersionText, own: Summary, *, warns: bool) -> SummaryPanel:
    text.version = version
    names = {"language": language_names.name_of(text.language), "authors": language_names.name_of(own.language)}
    if not text.answered:
        note = _("Not answered in %(language)s: its readers are quoted the %(authors)s answers, and told so.") % names
        return SummaryPanel(text.language, names["language"], own.language, own.titled, note if own.titled else "")
    summary = Summary(text.language, **text.answers)
    warnings = [*_findings(summary), *_differences(own, summary)]
    if text.unmatched:
        warnings = [obstacles.half_translated(text)]
    said = tuple(warnings) if warns else ()
    return SummaryPanel(text.language, names["language"], text.language, summary.titled, warnings=said)


def _findings(summary: Summary) -> Iterator[str]:
    for question, answer in summary.titled:
        for finding in summary_lint.check(answer, language=summary.language):
            yield f"{question}: {finding.message}"


def _differences(own: Summary, translated: Summary) -> Iterator[str]:
    """Figures that the authors' answer has and the translation has not, or the other way round."""
    for name in ANSWERS:
        ours, theirs = summary_lint.figures(getattr(own, name)), summary_lint.figures(getattr(translated, name))
        if ours != theirs:
            yield _("%(question)s: the authors’ answer has the figures %(ours)s, this one %(theirs)s.") % {
                "question": obstacles.label_of(name).capitalize(),
                "ours": ", ".join(ours) or _("none"),
                "theirs": ", ".join(theirs) or _("none"),
            }
