"""The revisions of a draft: who saved what when, and the redline of any two of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.admin.utils import label_for_field
from django.utils.translation import gettext as _

from policies.models import ANSWERS, Revision, Version, VersionText
from policies.text import two_texts


@dataclass(frozen=True)
class Difference:
    """A decision that two revisions took differently."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class History:
    """All revisions, newest first; where two are compared, what differs between them."""

    revisions: tuple[Revision, ...]
    before: Revision | None
    after: Revision | None
    redlines: tuple[tuple[str, str], ...] = ()
    differences: tuple[Difference, ...] = ()


def build(version: Version, asked: Mapping[str, str]) -> History:
    """`asked` may name two revisions by number, `before` and `after`; otherwise the last two are compared."""
    revisions = tuple(version.revisions.select_related("by"))
    by_number = {str(revision.number): revision for revision in revisions}
    after = by_number.get(asked.get("after", ""), revisions[0] if revisions else None)
    before = by_number.get(asked.get("before", ""), revisions[1] if len(revisions) > 1 else None)
    if before is None or after is None:
        return History(revisions, before, after)
    return History(revisions, before, after, _redlines(before, after), _differences(before, after))


def _redlines(before: Revision, after: Revision) -> tuple[tuple[str, str], ...]:
    old = {text["language"]: text["body"] for text in before.content["texts"]}
    new = {text["language"]: text["body"] for text in after.content["texts"]}
    return tuple(
        (language, two_texts.changes_html(old.get(language, ""), new.get(language, "")))
        for language in dict.fromkeys([*old, *new])
        if old.get(language) != new.get(language)
    )


def _differences(before: Revision, after: Revision) -> tuple[Difference, ...]:
    decisions = [(str(label_for_field(name, Version)), name, before.content, after.content) for name in after.content]
    old = {text["language"]: text for text in before.content["texts"]}
    words = [
        (f"{label_for_field(name, VersionText)} ({text['language']})", name, old.get(text["language"], {}), text)
        for text in after.content["texts"]
        for name in ("title", "short_version", *ANSWERS)
    ]
    return tuple(
        Difference(label, _shown(one.get(name)), _shown(two.get(name)))
        for label, name, one, two in (*decisions, *words)
        if name != "texts" and (one.get(name) or "") != (two.get(name) or "")
    )


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value) if value not in (None, "") else "–"
