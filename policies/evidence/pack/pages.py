"""The pages of texts in a pack: every one that was bound, by whatever renderer, with its entry in the log."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from policies import ledger, rendering
from policies.evidence.pack import printing
from policies.evidence.pack.heads import Log
from policies.models import BoundRendering, LedgerLeaf, Rendering, Version, VersionText


@dataclass(frozen=True)
class Page:
    """One bound page, by its name in the pack without an ending; `shown` is None where it is not stored as it was."""

    name: str
    text: VersionText
    row: BoundRendering
    shown: Rendering | None
    is_newest: bool


def name_of(version: Version, language: str) -> str:
    return f"01-{version.policy.slug}-v{version.label}.{language}"


def of(text: VersionText) -> Iterator[Page]:
    """The page that readers get now has the name of its text, earlier renderers' have their hash in it."""
    name = name_of(text.version, text.language)
    try:
        newest = rendering.rendering_of(text)
    except rendering.NotAsPublished:
        newest = Rendering()
    for row in text.bound.filter(before=None).select_related("text"):
        if newest.bound == row:
            yield Page(name, text, row, newest, is_newest=True)
            continue
        stored = text.renderings.filter(renderer=row.renderer).first()
        is_whole = stored is not None and rendering.parts_of(stored) == row.parts
        yield Page(f"{name}-page-{row.sha256[:12]}", text, row, stored if is_whole else None, is_newest=False)


def files(page: Page) -> Iterator[tuple[str, bytes]]:
    """The page as HTML and as plain text; the one that readers get now also as it prints, where that is possible."""
    if page.shown is None:
        return
    yield f"{page.name}.html", page.shown.html.encode()
    yield f"{page.name}.txt", page.shown.plain.encode()
    if page.is_newest and printing.can_print():
        text = page.text
        printed = rendering.alone(text, page.shown)
        yield f"{page.name}.pdf", printing.printed(printed)


def described(page: Page, log: Log) -> dict[str, object]:
    """What the log says of a page, and which files are that."""
    names = {"html": f"{page.name}.html", "plain": f"{page.name}.txt"} if page.shown else {}
    return {**entry(page.row, log), "files": names}


def entry(row: BoundRendering, log: Log) -> dict[str, object]:
    """What binds a page or a comparison: the leaf's own words, and the proof that they are in the log."""
    leaf = LedgerLeaf.objects.filter(kind="rendering", reference=str(row.pk)).first()
    head = {"kind": "rendering", "reference": str(row.pk), "at": ledger.instant(row.at)}
    body = json.loads(leaf.body) if leaf else head | rendering.described(row)
    return {"body": body, "proof": log.proof(leaf)}
