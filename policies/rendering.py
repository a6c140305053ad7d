"""
Render once: texts and pairs of texts are rendered when a version is sealed, and pages only read what was stored.

What is published is bound: publishing renders it once more, and a row with a leaf says what came out. Readers are given
that and nothing else.
"""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from html import escape
from typing import TypeVar

from django.db import transaction
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies import language_names, ledger
from policies.models import BoundRendering, Comparison, Rendering, Version, VersionText
from policies.text import two_texts
from policies.text.show.labels import Counted, Labels
from policies.text.source import canonical
from policies.text.structure import markdown

log = logging.getLogger(__name__)
Made = TypeVar("Made", Rendering, Comparison)

STYLE = "body { font-family: serif; line-height: 1.5 } td, th { border: 1px solid; padding: 0.2em }"
RENDERER = markdown.RENDERER_VERSION
# A newer renderer's pages are made for so many published versions at a time, beside other work.
ANEW_AT_ONCE = 5


class NotAsPublished(Exception):
    """What is stored of a published text is not what was bound, and cannot be made again: nobody is shown it."""


def rendering_of(text: VersionText) -> Rendering:
    """
    Return the page of a text: of a published one as it was bound, of any other the stored one, or one made now.

    :raises NotAsPublished: if a published one is not what was bound, and what is made now is not either
    """
    if not text.pk:
        return _render(text)
    if not _is_published(text):
        stored = text.renderings.order_by("-id")
        return stored.filter(renderer=RENDERER).first() or stored.first() or _render(text)
    # With what is stored of each: one query.
    stands = FilteredRelation("text__renderings", condition=Q(text__renderings__renderer=F("renderer")))
    names = {f"stored_{name}": F(f"stored__{name}") for name in ("pk", *Rendering.PARTS)}
    row = _newest(text.bound.filter(before=None).annotate(stored=stands).annotate(**names))
    if row is None:
        raise _refusal(_("Nothing on record says how %(text)s looked when it was published."), text)
    return _as_bound(row, _stored(row, text), lambda: _render(text))


def alone(text: VersionText, shown: Rendering) -> str:
    """A page of a text and its fingerprint, with nothing around it: to print, and to go with a mail."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(text.title)}</title><style>{STYLE}</style>"
    )
    body = f"<h1>{escape(text.title)}</h1>{shown.html}<hr><p>sha256 {escape(text.sha256)}</p>"
    root = f'<html lang="{escape(text.language)}" dir="{language_names.direction_of(text.language)}">'
    return f"<!doctype html>{root}<head>{head}</head><body>{body}</body></html>"


def comparison_of(before: VersionText, after: VersionText) -> Comparison:
    """
    Return the comparison of two texts: as it was bound, where a publication did that, or one made now, unsaved.

    :raises NotAsPublished: as `rendering_of`; also if one of two published texts is not the text that was published
    """
    if not (_is_published(before) and _is_published(after)):
        stored = Comparison.objects.filter(before=before, after=after).order_by("-id")
        return stored.filter(renderer=RENDERER).first() or stored.first() or _compare(before, after)
    if recorded := recorded_comparison(before, after):
        return recorded
    for text in (before, after):
        _refuse_altered(text)
    return _compare(before, after)


def recorded_comparison(before: VersionText, after: VersionText) -> Comparison | None:
    """
    Return the comparison of two texts as a publication bound it; None where none did.

    :raises NotAsPublished: as `rendering_of`
    """
    row = bound_comparison(before, after)
    if row is None:
        return None
    stored = Comparison.objects.filter(before=before, after=after, renderer=row.renderer).first()
    return _as_bound(row, stored, lambda: _compare(before, after))


def bound_comparison(before: VersionText, after: VersionText) -> BoundRendering | None:
    """The row that binds the comparison of two published texts; None for a pair that no publication compared."""
    return _newest(after.bound.filter(before=before))


def words_of(text: VersionText) -> str:
    """
    Return the canonical words of a text.

    :raises NotAsPublished: if it is published, and they are not what was
    """
    if _is_published(text):
        _refuse_altered(text)
    return text.body


def store(version: Version) -> None:
    """Render every text of a version, and its redline against the version it is based on. Idempotent."""
    for text, before in _pairs(version):
        if not text.renderings.filter(renderer=RENDERER).exists():
            _render(text).save()
        if before and not Comparison.objects.filter(before=before, after=text, renderer=RENDERER).exists():
            _compare(before, text).save()


def bind(version: Version, *, at: datetime) -> None:
    """
    Put on record what readers of a version see, in the transaction that publishes it or a text of it. Idempotent.

    It is made anew from the texts: what lay in the database since the approval could have been altered there.

    :raises NotAsPublished: if a text is not what its fingerprint, or what was bound of it, says
    """
    for row in record(version, at=at):
        ledger.append(kind="rendering", reference=str(row.pk), body=described(row), at=at)


def record(version: Version, *, at: datetime) -> list[BoundRendering]:
    """Write the rows of `bind` alone."""
    rows = []
    for text, before in _pairs(version):
        _refuse_altered(text)
        if not text.bound.filter(before=None, renderer=RENDERER).exists():
            made = _render(text)
            _keep(made, text.renderings.filter(renderer=RENDERER))
            rows.append(_bound_row(made, text, None, at))
        if before and not text.bound.filter(before=before, renderer=RENDERER).exists():
            compared = _compare(before, text)
            _keep(compared, Comparison.objects.filter(before=before, after=text, renderer=RENDERER))
            rows.append(_bound_row(compared, text, before, at))
    return rows


def behind() -> QuerySet[VersionText]:
    """Published texts whose page by this renderer is not bound yet."""
    current = BoundRendering.objects.filter(renderer=RENDERER, before=None)
    return VersionText.objects.filter(version__published_at__isnull=False).exclude(pk__in=current.values("text"))


def bind_anew(*, at: datetime) -> int:
    """After an upgrade of the renderer: bind what it makes of what is published, a few versions at a time."""
    bound = 0
    for version in Version.objects.filter(texts__in=behind()).distinct().order_by("pk"):
        try:
            with transaction.atomic():
                bind(version, at=at)
        except NotAsPublished as error:
            log.error("The pages of %s are not made by the newer renderer: %s", version, error)  # noqa: TRY400 - a state
            continue
        bound += 1
        if bound == ANEW_AT_ONCE:
            break
    return bound


def described(row: BoundRendering) -> dict[str, object]:
    """What the leaf of a bound page or comparison says."""
    before = row.before and {"version": row.before.version_id, "sha256": row.before_sha256}
    return {
        "version": row.text.version_id,
        "language": row.text.language,
        "text_sha256": row.text_sha256,
        "before": before,
        "renderer": row.renderer,
        "sha256": row.sha256,
        "parts": row.parts,
    }


def parts_of(made: Rendering | Comparison) -> dict[str, str]:
    """The sha256 of each part of a page or a comparison; what is no text as JSON with sorted keys."""
    return {name: _hashed(getattr(made, name)) for name in made.PARTS}


def _hashed(part: object) -> str:
    said = part if isinstance(part, str) else json.dumps(part, sort_keys=True, ensure_ascii=False)
    return ledger.sha256_hex(said.encode())


def _is_published(text: VersionText) -> bool:
    return text.pk is not None and text.version.published_at is not None


def _newest(rows: QuerySet[BoundRendering]) -> BoundRendering | None:
    """That of the present renderer, or else of the one before."""
    found = list(rows.order_by("-id"))
    return next((row for row in found if row.renderer == RENDERER), found[0] if found else None)


def _stored(row: BoundRendering, text: VersionText) -> Rendering | None:
    """What is stored beside a row that binds it, as the query of `rendering_of` brought it along."""
    found = {name: getattr(row, f"stored_{name}") for name in ("pk", *Rendering.PARTS)}
    return Rendering(text=text, renderer=row.renderer, **found) if found["pk"] else None


def _as_bound(row: BoundRendering, found: Made | None, make: Callable[[], Made]) -> Made:
    """The stored one where it is what was bound, or else the same made once more."""
    if found is None or parts_of(found) != row.parts:
        log.error("What is stored of %s (bound rendering %s) is not what was published.", row, row.pk)
        found = make()
        if parts_of(found) != row.parts:
            raise _refusal(_("The stored page of %(text)s is not what was published."), row)
    found.bound = row
    return found


def _refuse_altered(text: VersionText) -> None:
    """
    Refuse a text that is not what its fingerprint says, or not the one whose page was bound.

    :raises NotAsPublished: if it is not
    """
    said = {text.sha256, *text.bound.filter(before=None).values_list("text_sha256", flat=True)}
    if said != {canonical.fingerprint(text.body)}:
        raise _refusal(_("The stored text of %(text)s is not what was published."), text)


def _refusal(message: str, of: object) -> NotAsPublished:
    """Say it to whoever asked, and to the operator."""
    said = message % {"text": of}
    log.error("Not shown: %s", said)
    return NotAsPublished(said)


def _pairs(version: Version) -> Iterator[tuple[VersionText, VersionText | None]]:
    """Every text of a version, with the text in its language that it is based on."""
    for text in version.texts.all():
        yield text, version.based_on.texts.filter(language=text.language).first() if version.based_on else None


def _keep(made: Made, stored: QuerySet[Made]) -> None:
    """Store what was made, in place of what lies there and is something else."""
    found = stored.first()
    if found and parts_of(found) == parts_of(made):
        return
    stored.delete()
    made.save()


def _bound_row(
    made: Rendering | Comparison, text: VersionText, before: VersionText | None, at: datetime
) -> BoundRendering:
    parts = parts_of(made)
    return BoundRendering.objects.create(
        text=text,
        before=before,
        text_sha256=text.sha256,
        before_sha256=before.sha256 if before else "",
        renderer=RENDERER,
        sha256=parts[made.PARTS[0]],
        parts=parts,
        at=at,
    )


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
    with language_names.speaking(after.language):
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
        renumbered=_("Later sections are renumbered."),
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
