"""A whole file is checked first: against itself, and against who is on record. Nothing is written."""

import itertools
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TextIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from policies.models import Person, Policy
from policies.models.fields import refuse_unknown_tags
from policies.people_import import file_reading
from policies.people_import.cells import Line, Problem
from policies.people_import.file_reading import MOST_PROBLEMS

AT_ONCE = 1000
PARTS = 16


@dataclass
class Report:
    """What a file holds, or what came of it; `read_as` says how its bytes were taken, where that was guessed."""

    read_as: str = ""
    lines: int = 0
    created: int = 0
    changed: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def unchanged(self) -> int:
        return self.lines - self.created - self.changed


def check(source: TextIO, *, at: datetime) -> Report:
    """Read a whole file and count what bringing it in would do; nothing is written. Stops at MOST_PROBLEMS."""
    report, seen, told = Report(read_as=file_reading.read_as(source)), set[int](), dict[str, tuple[str, int]]()
    keys, audiences = array("q"), Policy.objects.known_audiences()
    for batch in batches(source, report):
        report.lines += len(batch)
        keys.extend(hash(line.external_id) for line in batch)
        known = known_of(batch)
        report.problems += [problem for line in batch if (problem := _against(line, known, at))]
        report.problems += _unknown_guardians(batch, seen)
        report.problems += _unknown_audiences(batch, audiences)
        told |= {line.external_id: (line.guardian, line.number) for line in batch if line.guardian}
        report.created += len({line.external_id for line in batch} - set(known))
        report.changed += sum(
            bool(differences(known[line.external_id], line)) for line in batch if line.external_id in known
        )
        if len(report.problems) >= MOST_PROBLEMS:
            break
    if not report.problems:
        report.problems += _circles(told)
    if repeated := _repeated(keys):
        source.seek(0)
        report.problems += file_reading.twice(source, repeated)
    del report.problems[MOST_PROBLEMS:]
    return report


def batches(source: TextIO, report: Report) -> Iterator[Sequence[Line]]:
    """The lines that can be read, AT_ONCE at a time; of the others the report gets the problems."""
    lines = file_reading.lines(source, report.problems)
    while batch := list(itertools.islice(lines, AT_ONCE)):
        yield batch


def known_of(batch: Iterable[Line]) -> dict[str, Person]:
    people = Person.objects.filter(external_id__in={line.external_id for line in batch}).select_related("guardian")
    return {person.external_id: person for person in people if person.external_id}


def differences(person: Person, line: Line) -> dict[str, Any]:
    found = {name: value for name, value in line.values.items() if getattr(person, name) != value}
    if line.guardian and (person.guardian is None or person.guardian.external_id != line.guardian):
        found["guardian"] = line.guardian
    return found


def _against(line: Line, known: Mapping[str, Person], at: datetime) -> Problem | None:
    """What the record says against a line: nobody leaves before joining."""
    person = known.get(line.external_id)
    joined_at = line.values.get("joined_at") or (person.joined_at if person else at)
    left_at = line.values.get("closed_at") or (person.closed_at if person else None)
    if left_at and left_at < joined_at:
        return Problem(line.number, "left_at", _("They would leave before they joined. Correct one of the two."))
    return None


def _unknown_guardians(batch: Sequence[Line], seen: set[int]) -> Iterator[Problem]:
    """A guardian is on record, or stands on a line before: of these only hashes are kept, 64 bytes or so a line."""
    if batch[0].guardian is None:
        return
    named = {line.guardian for line in batch if line.guardian}
    on_record = set(Person.objects.filter(external_id__in=named).values_list("external_id", flat=True)) if named else ()
    for line in batch:
        if line.guardian and line.guardian not in on_record and hash(line.guardian) not in seen:
            words = _("Nobody is known as “%s”. Put the guardian on a line before.")
            yield Problem(line.number, "guardian", words % line.guardian[:40])
        seen.add(hash(line.external_id))


def _unknown_audiences(batch: Sequence[Line], audiences: Collection[str]) -> Iterator[Problem]:
    for line in batch:
        try:
            refuse_unknown_tags(line.values.get("audiences", ()), known=audiences)
        except ValidationError as error:
            yield Problem(line.number, "audience", " ".join(error.messages))


def _repeated(keys: Sequence[int]) -> set[int]:
    """The keys that are there twice, looked for in parts: a set of all would be twelve times as large as they are."""
    found = set[int]()
    for part in range(PARTS):
        seen = set[int]()
        for key in keys:
            if key % PARTS == part:
                if key in seen:
                    found.add(key)
                seen.add(key)
    return found


def _circles(told: Mapping[str, tuple[str, int]]) -> Iterator[Problem]:
    """Nobody is their own guardian, over others on lines or on record. `told`: guardian and line, by external id."""
    above = {name: guardian for name, (guardian, _number) in told.items()}
    unknown = set(above.values()) - set(above)
    while unknown:
        found = _guardians_on_record(unknown)
        above |= found
        unknown = set(found.values()) - set(above)
    looked_at = set[str]()
    for start in told:
        way = dict[str, None]()
        name = start
        while name in above and name not in looked_at:
            looked_at.add(name)
            way[name] = None
            name = above[name]
        if name in way:
            circle = list(way)[list(way).index(name) :]
            line = max((told[each][1] for each in circle if each in told), default=0)
            if line:
                words = _("They would be their own guardian, over others. Correct one of them.")
                yield Problem(line, "guardian", words)


def _guardians_on_record(names: Iterable[str]) -> dict[str, str]:
    ordered = sorted(names)
    found = dict[str, str]()
    for start in range(0, len(ordered), AT_ONCE):
        known = Person.objects.filter(external_id__in=ordered[start : start + AT_ONCE])
        pairs = known.exclude(guardian__external_id=None).values_list("external_id", "guardian__external_id")
        found |= {str(name): str(guardian) for name, guardian in pairs}
    return found
