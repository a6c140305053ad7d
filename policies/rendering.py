"""Render once: texts and pairs of texts are rendered when a version is sealed, and pages only read what was stored."""

from dataclasses import asdict

from policies.models import Comparison, Rendering, Version, VersionText
from policies.text import facts, markdown, presentation, redline

RENDERER = markdown.RENDERER_VERSION


def rendering_of(text: VersionText) -> Rendering:
    """Return the stored rendering of a text; for one never stored, such as a draft's, one made now, unsaved."""
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
    changes = redline.redline(before.body, after.body)
    return Comparison(
        before=before,
        after=after,
        renderer=RENDERER,
        inline_html=presentation.inline_html(changes),
        side_html=presentation.side_by_side_html(changes),
        changes_html=presentation.changes_html(changes),
        mail_html=presentation.mail_html(changes),
        plain=presentation.plain_text(changes),
        summary=asdict(presentation.summary(changes)),
        sections=[asdict(section) for section in presentation.changed_sections(changes)],
        facts=[fact.as_dict() for fact in facts.facts(changes)],
    )
