"""Render once: texts and pairs of texts are rendered when a version is sealed, and pages only read what was stored."""

from dataclasses import asdict

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies.models import Comparison, Rendering, Version, VersionText
from policies.text import two_texts
from policies.text.show.labels import Counted, Labels
from policies.text.structure import markdown

RENDERER = markdown.RENDERER_VERSION


def rendering_of(text: VersionText) -> Rendering:
    """Return the stored rendering of a text; for one never stored, such as a draft's, one made now, unsaved."""
    if not text.pk:
        return _render(text)
    stored = text.renderings.order_by("-id")
    return stored.filter(renderer=RENDERER).first() or stored.first() or _render(text)


def comparison_of(before: VersionText, after: VersionText) -> Comparison:
    """Return the stored comparison of two texts, or one made now, unsaved."""
    stored = Comparison.objects.filter(before=before, after=after).order_by("-id")
    return stored.filter(renderer=RENDERER).first() or stored.first() or _compare(before, after)


def store(version: Version) -> None:
    """Render every text of a version, and its redline against the version it is based on. Idempotent."""
    for text in version.texts.all():
        if not text.renderings.filter(renderer=RENDERER).exists():
            _render(text).save()
        before = version.based_on.texts.filter(language=text.language).first() if version.based_on else None
        if before and not Comparison.objects.filter(before=before, after=text, renderer=RENDERER).exists():
            _compare(before, text).save()


def _render(text: VersionText) -> Rendering:
    rendered = markdown.render(text.body, title=text.title, before=_headings_before(text))
    return Rendering(
        text=text,
        renderer=RENDERER,
        html=rendered.html,
        plain=rendered.text,
        contents=[asdict(heading) for heading in rendered.contents],
    )


def _headings_before(text: VersionText) -> list[tuple[str, str]]:
    """The headings of the text that this one follows, with their anchors: links to sections keep working."""
    based_on = text.version.based_on
    before = based_on.texts.filter(language=text.language).first() if based_on else None
    return [(heading["text"], heading["anchor"]) for heading in rendering_of(before).contents] if before else []


def _compare(before: VersionText, after: VersionText) -> Comparison:
    """What a redline says about itself is in the language of its texts, whoever reads them."""
    with translation.override(after.language):
        labels = _labels()
    made = two_texts.compare(before.body, after.body, labels)
    return Comparison(before=before, after=after, renderer=RENDERER, **asdict(made))


def _labels() -> Labels:
    return Labels(
        before=_("Before"),
        after=_("After"),
        inserted=_("inserted"),
        deleted=_("deleted"),
        introduction=_("Introduction"),
        unchanged=_("Unchanged:"),
        new_section=_("New section"),
        section_removed=_("Section removed"),
        section_moved=_("Section moved: it now follows “{title}”"),
        section_moved_first=_("Section moved: it now comes first"),
        moved_here=_("Moved here:"),
        moved_elsewhere=_("Moved elsewhere:"),
        link_changed=_("Link “{words}” changed: {before} → {after}"),
        previous_change=_("previous change"),
        next_change=_("next change"),
        unchanged_paragraphs=Counted.of(_unchanged_paragraphs),
        unchanged_rows=Counted.of(_unchanged_rows),
    )


def _unchanged_paragraphs(n: int) -> str:
    return ngettext("%(n)d unchanged paragraph", "%(n)d unchanged paragraphs", n)


def _unchanged_rows(n: int) -> str:
    return ngettext("%(n)d unchanged row", "%(n)d unchanged rows", n)
