"""
The cover of a pack: the whole story on a few pages, for people who open no JSON. As HTML, and as PDF where possible.

It states nothing that does not stand in the pack's other files, and says in which of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string

from policies.evidence import audit_trail
from policies.evidence.pack import printing
from policies.look import in_use
from policies.models import Act, DateChange, Person, PromiseCheck, Summary, Version

# Of more people a cover tells the numbers alone; each has a pack of their own.
MOST_TOLD = 20


@dataclass(frozen=True)
class Answer:
    """One act as it is read out: what was done, about what, on which screen, and where all of that lies."""

    what: str
    version: str
    at: str
    wording: str
    how: str
    shown: str
    told: Summary
    text_file: str
    text_sha256: str
    reference: str


@dataclass(frozen=True)
class Told:
    """One person: what applied to them when the pack was made, what happened in order, and what they answered."""

    name: str
    applied: Sequence[audit_trail.Applied]
    entries: Sequence[tuple[str, str, str, str]]
    answers: Sequence[Answer]


@dataclass(frozen=True)
class Kept:
    """How one publication stood against the promise in force before it."""

    version: str
    published: str
    effective: str
    moved: list[str]
    promise_of: str
    quotes: Sequence[str]
    lines: Sequence[tuple[str, str]]
    verdict: str


@dataclass(frozen=True)
class Cover:
    about: str
    organization: str
    site: str
    made: str
    head_size: int
    head_sha256: str
    verifier: str
    people: Sequence[Told]
    counts: tuple[int, int, int]
    promises: Sequence[Kept]
    anchors: Sequence[str]


def write(cover: Cover) -> Iterator[tuple[str, bytes]]:
    """The cover's files: always HTML, and PDF where WeasyPrint is installed."""
    html = render_to_string("evidence/cover.html", {"cover": cover})
    yield "00-cover.html", html.encode()
    if printing.can_print():
        yield "00-cover.pdf", printing.printed(html)


def told(people: Sequence[Person], acts: Sequence[Act], owners: Mapping[UUID, int], *, at: datetime) -> list[Told]:
    """Everybody's story; none where there are too many to be read. `owners` says whose each act is."""
    if len(people) > MOST_TOLD:
        return []
    return [
        Told(
            name=f"{person} ({person.external_id or f'#{person.pk}'})",
            applied=[each for each in audit_trail.applied_at(person=person, at=at) if each.in_force or each.agreed],
            entries=[_entry(entry) for entry in reversed(audit_trail.trail_of(person))],
            answers=[_answer(act) for act in acts if owners.get(act.subject_ref) == person.pk],
        )
        for person in people
    ]


def kept(versions: Sequence[Version]) -> list[Kept]:
    """The promise check of each publication."""
    return [_kept(version) for version in versions]


def said(at: datetime | None) -> str:
    """An instant to the second, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at else "–"


def _entry(entry: audit_trail.Entry) -> tuple[str, str, str, str]:
    return said(entry.at), str(entry.kind), str(entry.version), str(entry.detail)


def _answer(act: Act) -> Answer:
    how = f"{act.get_method_display()}; {act.get_strength_display()}"
    return Answer(
        what=str(act.get_kind_display()),
        version=str(act.version),
        at=said(act.at),
        wording=act.wording,
        how=f"{how}; {act.source}" if act.source else how,
        shown=said(act.displayed_at) if act.displayed_at else "",
        told=act.told,
        text_file=f"01-{act.version.policy.slug}-v{act.version.label}.{act.language}.md",
        text_sha256=act.text_sha256,
        reference=str(act.subject_ref),
    )


def _kept(version: Version) -> Kept:
    check = version.promise_check
    governing = check.promise if check else None
    lines = [(_verdict(line.get("kept")), str(line.get("message", ""))) for line in (check.lines if check else ())]
    if check is None:
        verdict = "not checked: imported, or the first version" if version.number == 1 or version.imported else "none"
    else:
        verdict = "kept" if check.kept else _overridden(check) if check.overridden else "not kept"
    return Kept(
        version=str(version),
        published=said(version.published_at),
        effective=said(version.effective_at),
        moved=[_moved(change) for change in version.date_changes.all()],
        promise_of=str(governing.version) if governing else "",
        quotes=[tier.quote for tier in governing.tiers.all()] if governing else [],
        lines=lines,
        verdict=verdict,
    )


def _moved(change: DateChange) -> str:
    words = "Brought forward" if change.is_earlier else "Postponed"
    why = f" The promise was overridden: {change.override_reason}" if change.override_reason else ""
    was, to = said(change.was_effective_at), said(change.effective_at)
    return f"{words} on {said(change.at)} from {was} to {to}: {change.reason}{why}"


def _overridden(check: PromiseCheck) -> str:
    return "not kept; overridden by an approver" if check.date_change_id else "not kept; overridden by two people"


def _verdict(value: object) -> str:
    return {True: "kept", False: "not kept"}.get(value, "to be seen to")  # type: ignore[call-overload, no-any-return]


def site() -> tuple[str, str]:
    """Whose evidence it is, and where its log is published."""
    return in_use.organization(), settings.SITE_URL
