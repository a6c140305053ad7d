"""Two editors saved the same draft: what the other one saved, beside what this one typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from policies.authoring import TextInput
from policies.models import Revision
from policies.text import presentation, redline


@dataclass(frozen=True)
class Conflict:
    """Who saved which revision meanwhile, and per language the redline from theirs to what was typed here."""

    latest: Revision
    redlines: tuple[tuple[str, str], ...]


def conflict_with(latest: Revision, typed: Sequence[TextInput]) -> Conflict:
    """Compare what was typed with the revision that was saved meanwhile."""
    theirs = {text["language"]: text["body"] for text in latest.content["texts"]}
    return Conflict(
        latest,
        tuple(
            (
                text.language,
                presentation.changes_html(redline.redline(theirs.get(text.language, ""), text.body)),
            )
            for text in typed
            if theirs.get(text.language) != text.body
        ),
    )
