"""Two editors saved the same draft: what the other one saved, beside what this one typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from policies.admin.trusted import changes
from policies.authoring import TextInput
from policies.models import Revision


@dataclass(frozen=True)
class Conflict:
    """Who saved which revision meanwhile, and per language the redline from theirs to what was typed here."""

    latest: Revision
    redlines: tuple[tuple[str, SafeString], ...]


def conflict_with(latest: Revision, typed: Sequence[TextInput]) -> Conflict:
    """Compare what was typed with the revision that was saved meanwhile."""
    theirs = {text["language"]: text["body"] for text in latest.content["texts"]}
    return Conflict(
        latest,
        tuple(
            (
                text.language,
                changes(theirs.get(text.language, ""), text.body),
            )
            for text in typed
            if theirs.get(text.language) != text.body
        ),
    )
