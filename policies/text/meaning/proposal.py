"""
How much a change matters, proposed with the evidence quoted; a person decides.

Every difference is presumed to matter unless it is of a kind that does not: dates of the text itself, spelling, names
put for names throughout, addresses, the page around the text. Missing a material change is the costly error.
"""

from dataclasses import dataclass

from policies.text.compare.redline import Redline
from policies.text.meaning import reasons, topics
from policies.text.meaning.differences import Difference, differences
from policies.text.meaning.editorial_differences import is_editorial, renames_in

EDITORIAL, MATERIAL = "editorial", "material"


@dataclass(frozen=True)
class Reason:
    """Why a change is proposed as material: a code of `meaning.reasons` and the words it rests on."""

    code: str
    quote: str


@dataclass(frozen=True)
class Proposal:
    klass: str
    reasons: tuple[Reason, ...] = ()


def propose(redline: Redline) -> Proposal:
    """Propose editorial or material; each reason code is given once, with its first quote."""
    found = list(differences(redline.structure.sections))
    renames = renames_in(found)
    found_reasons: dict[str, Reason] = {}
    for difference in found:
        if is_editorial(difference, renames):
            continue
        quote = _quote(difference)
        code = topics.code_of(quote, "") or topics.code_of(difference.context, difference.heading)
        code = code or topics.code_of(difference.topic) or reasons.RIGHTS_EXERCISE
        found_reasons.setdefault(code, Reason(code, quote))
    return Proposal(MATERIAL if found_reasons else EDITORIAL, tuple(found_reasons.values()))


def _quote(difference: Difference) -> str:
    before, after = difference.before.strip(), difference.after.strip()
    if difference.kind != "words":
        return (after or before)[:400]
    if before and after:
        return f"{before} → {after} ({difference.context[:200]})"
    return f"{after or before} ({difference.context[:200]})"
