"""Two editors saved the same draft: what the other one saved, beside what this one typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from policies.authoring import TextInput
from policies.models import Revision
from policies.text import bounded, two_texts


@dataclass(frozen=True)
class Conflict:
    """
    Who saved which revision meanwhile, and per language the redline from theirs to what was typed here.

    `stopped` says why there is none: what was typed is shown all the same.
    """

    latest: Revision
    redlines: tuple[tuple[str, str], ...] = ()
    stopped: str = ""


def conflict_with(latest: Revision, typed: Sequence[TextInput]) -> Conflict:
    """Compare what was typed with the revision that was saved meanwhile."""
    theirs = {text["language"]: text["body"] for text in latest.content["texts"]}
    try:
        return Conflict(
            latest,
            tuple(
                (text.language, two_texts.changes_html(theirs.get(text.language, ""), text.body))
                for text in typed
                if theirs.get(text.language) != text.body
            ),
        )
    except bounded.Stopped as stopped:
        return Conflict(latest, stopped=str(stopped))
