"""What a change says: numbers, dates, sections, rows, items."""

from dataclasses import dataclass, field
from typing import Any

from policies.text.redline import Redline


@dataclass(frozen=True)
class Fact:
    """
    One fact of a change; ``kind`` and the fields of each kind are those of the command line's documentation.
    """

    kind: str
    fields: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, **self.fields}


def facts(redline: Redline) -> tuple[Fact, ...]:
    """Return the facts of a redline in reading order; none where only mark-up changed."""
    return tuple(
        Fact(
            "section_added" if section.old is None else "section_removed",
            {"heading": section.title, "number": section.section.number},
        )
        for section in redline.structure.sections
        if section.old is None or section.new is None
    )
