"""What is asked about two texts, from the texts themselves: their redline in every form, and how much it matters."""

from dataclasses import asdict, dataclass
from typing import Any

from policies.text.bounded import bounded
from policies.text.compare import redline
from policies.text.meaning import facts, proposal
from policies.text.meaning.proposal import Proposal
from policies.text.show import html_redline, plain_redline
from policies.text.show.labels import Labels


@dataclass(frozen=True)
class Compared:
    """A redline in every form that is shown, with what it says in numbers and names."""

    inline_html: str
    side_html: str
    changes_html: str
    mail_html: str
    plain: str
    summary: dict[str, Any]
    sections: list[dict[str, Any]]
    facts: list[dict[str, Any]]


@bounded
def compare(before: str, after: str, labels: Labels) -> Compared:
    """Compare two canonical texts and put the difference in every form."""
    changes = redline.redline(before, after)
    return Compared(
        inline_html=html_redline.inline_html(changes, labels),
        side_html=html_redline.side_by_side_html(changes, labels),
        changes_html=html_redline.changes_html(changes, labels),
        mail_html=html_redline.mail_html(changes, labels),
        plain=plain_redline.plain_text(changes, labels),
        summary=asdict(html_redline.summary(changes)),
        sections=[asdict(section) for section in html_redline.changed_sections(changes, labels)],
        facts=[fact.as_dict() for fact in facts.facts(changes)],
    )


@bounded
def changes_html(before: str, after: str) -> str:
    """Return what differs between two texts, in English."""
    return html_redline.changes_html(redline.redline(before, after))


@bounded
def propose(before: str, after: str) -> Proposal:
    """Propose how much the change from one text to the other matters."""
    return proposal.propose(redline.redline(before, after))
