"""What readers see against its leaves: the rows that bind pages and comparisons, and the pages themselves."""

import json
from collections.abc import Iterator

from policies import rendering
from policies.models import BoundRendering, Comparison, LedgerLeaf, Rendering, VersionText

Found = tuple[str, str, str]
PUBLISHED = {"version__published_at__isnull": False}


def leaf_differs(leaf: LedgerLeaf, where: str) -> Iterator[Found]:
    """Hold one leaf against the row that says what a page or a comparison has to be."""
    row = BoundRendering.objects.select_related("text__version", "before__version").filter(pk=leaf.reference).first()
    if row is None:
        yield "rendering-changed", where, "What this leaf says of a page was removed."
        return
    body = json.loads(leaf.body)
    changed = sorted(name for name, value in rendering.described(row).items() if body.get(name) != value)
    if row.before_id is None and row.before_sha256:  # a page compares with nothing, and its leaf says nothing of it
        changed.append("before_sha256")
    if changed or leaf.at != row.at:
        yield "rendering-changed", where, f"{row}: {', '.join(changed) or 'at'} is not what was recorded."


def pages_differ() -> Iterator[Found]:
    """Name stored pages and comparisons that are not what was bound, that nothing binds, or that are gone."""
    listed = set(LedgerLeaf.objects.filter(kind="rendering").values_list("reference", flat=True))
    rows = list(BoundRendering.objects.select_related("text__version__policy", "before__version__policy"))
    for row in rows:
        where = f"rendering {row.pk}"
        if str(row.pk) not in listed:
            yield "rendering-unlisted", where, f"{row}: it has no leaf, and was added without the ledger."
        stored = _stored(row)
        if stored is None or rendering.parts_of(stored) != row.parts:
            yield "rendering-changed", where, f"{row}: what is stored is gone, or is not what was published."
    bound = {(row.before_id, row.text_id, row.renderer) for row in rows}
    yield from _unbound(bound)


def _stored(row: BoundRendering) -> Rendering | Comparison | None:
    if row.before_id is None:
        return Rendering.objects.filter(text=row.text_id, renderer=row.renderer).first()
    return Comparison.objects.filter(before=row.before_id, after=row.text_id, renderer=row.renderer).first()


def _unbound(bound: set[tuple[int | None, int, str]]) -> Iterator[Found]:
    pages = Rendering.objects.filter(**{f"text__{name}": value for name, value in PUBLISHED.items()})
    for pk, text, renderer in pages.values_list("pk", "text", "renderer"):
        if (None, text, renderer) not in bound:
            yield "rendering-unlisted", f"page {pk}", "A page of a published text is stored that nothing binds."
    both = {f"{side}__{name}": value for side in ("before", "after") for name, value in PUBLISHED.items()}
    for pk, before, after, renderer in Comparison.objects.filter(**both).values_list(
        "pk", "before", "after", "renderer"
    ):
        if (before, after, renderer) not in bound:
            yield "rendering-unlisted", f"comparison {pk}", "A comparison is stored that no publication bound."
    with_page = {text for before, text, _renderer in bound if before is None}
    for shown in VersionText.objects.filter(**PUBLISHED).select_related("version__policy").defer("body"):
        if shown.pk not in with_page:
            where = f"version {shown.version_id}"
            yield "rendering-missing", where, f"{shown.version}, {shown.language}: nothing binds what readers see."
