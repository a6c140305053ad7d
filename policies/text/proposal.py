"""How much a change matters, proposed with the evidence quoted; a person decides."""

from dataclasses import dataclass

from policies.text.redline import Redline

EDITORIAL, MATERIAL = "editorial", "material"


@dataclass(frozen=True)
class Reason:
    """
    Why a change is proposed as material: a code of :mod:`policies.text.reasons` and the words it rests on.
    """

    code: str
    quote: str


@dataclass(frozen=True)
class Proposal:
    klass: str
    reasons: tuple[Reason, ...] = ()


def propose(redline: Redline) -> Proposal:
    """Propose editorial or material for a change."""
    return Proposal(EDITORIAL if redline.structure.is_quiet else MATERIAL)
