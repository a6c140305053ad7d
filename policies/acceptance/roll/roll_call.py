"""
The roll of a version: how many stand how, and the people behind each number, in pages.

Whoever the policy binds is on it. One statement counts and one lists, however many they are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from policies.acceptance.roll import answer_states
from policies.acceptance.roll.answer_states import State
from policies.models import Notice, Person, Version
from policies.models.fields import has_any_of, sought, tags_of
from policies.notices.queue import sql_dialect
from policies.notices.report import export

AT_ONCE = 2_000
COLUMNS = ("person_id", "external_id", "name", "address", "audiences", "state", "since")


@dataclass(frozen=True)
class Chosen:
    """Whom to list: of one audience, in one state, in it since an instant; empty and None mean all."""

    state: str = ""
    audience: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One person on the roll. `since`: from when on they are in this state; of a waiver it is not kept."""

    person: Person
    state: State
    since: datetime | None


@dataclass(frozen=True)
class Counts:
    """How many people stand how; `total` is everybody whom the policy binds, of the chosen audience."""

    by_state: Mapping[State, int]

    @property
    def total(self) -> int:
        return sum(self.by_state.values())

    @property
    def accepted(self) -> int:
        return self.by_state[State.ACCEPTED]

    @property
    def share(self) -> float:
        """Of them, who accepted, in percent."""
        return 100 * self.accepted / self.total if self.total else 0.0


def count(version: Version, *, audience: str = "", at: datetime) -> Counts:
    """Count everybody whom the policy of a published version binds at `at`, by how they stand to it."""
    notices = answer_states.told_by(version)
    bound, given = _bound(version, notices, Chosen(audience=audience), at=at)
    answered = {state: _answered(state, bound, notices) for state in (State.ACCEPTED, State.DECLINED, State.WAIVED)}
    unreached = answer_states.is_in(State.UNREACHED, notices)
    parts = {
        **answered,
        State.UNREACHED: f"count(*) FROM {answer_states.candidates(notices)} WHERE {bound} AND {unreached}",
        State.WAITING: f"count(*) FROM policies_person p WHERE {bound}",
    }
    [found] = sql_dialect.run(f"SELECT {', '.join(f'(SELECT {part})' for part in parts.values())}", given)
    numbers = dict(zip(parts, map(int, found), strict=True))
    # Whoever is in no other state waits.
    return Counts(numbers | {State.WAITING: 2 * numbers[State.WAITING] - sum(numbers.values())})


def page(
    version: Version, chosen: Chosen, *, after: int = 0, limit: int = 50, at: datetime
) -> tuple[list[Entry], int | None]:
    """The next people chosen, in the order of their keys from `after` on; and where to go on, None at the end."""
    notices = answer_states.told_by(version)
    bound, given = _bound(version, notices, chosen, at=at)
    since = answer_states.since(notices)
    if chosen.state:
        state = State(chosen.state)
        wanted, named, instant = f" AND {answer_states.is_in(state, notices)}", f"'{state.value}'", since[state]
    else:
        named = answer_states.case({state: f"'{state.value}'" for state in State}, notices)
        wanted, instant = "", answer_states.case(since, notices)
    if chosen.since:
        wanted += f" AND {instant} >= %(since)s"
    people = answer_states.candidates if chosen.state == State.UNREACHED else answer_states.joins
    statement = (
        f"SELECT p.id, {named}, {instant} FROM {people(notices)}"
        f" WHERE {bound} AND p.id > %(after)s{wanted} ORDER BY p.id LIMIT %(limit)s"
    )
    rows = sql_dialect.run(statement, {**given, "after": after, "limit": limit + 1})
    found = Person.objects.in_bulk([pk for pk, _state, _since in rows[:limit]])
    entries = [Entry(found[pk], State(state), sql_dialect.read_instant(at)) for pk, state, at in rows[:limit]]
    return entries, rows[limit - 1][0] if len(rows) > limit else None


def everybody(version: Version, chosen: Chosen, *, at: datetime) -> Iterator[Entry]:
    """All people chosen, read in parts."""
    after: int | None = 0
    while after is not None:
        entries, after = page(version, chosen, after=after, limit=AT_ONCE, at=at)
        yield from entries


def as_csv(version: Version, chosen: Chosen, *, at: datetime) -> Iterator[str]:
    """All people chosen, a line at a time, as `policies.notices.report.export` writes them."""
    return export.csv_of(COLUMNS, (_row(entry) for entry in everybody(version, chosen, at=at)))


def _row(entry: Entry) -> dict[str, object]:
    person = entry.person
    return {
        "person_id": person.pk,
        "external_id": person.external_id or "",
        "name": person.name,
        "address": person.address,
        "audiences": " ".join(person.audiences),
        "state": entry.state.value,
        "since": entry.since.astimezone(UTC).isoformat() if entry.since else "",
    }


def _answered(state: State, bound: str, notices: list[Notice]) -> str:
    """
    Those in a state that their standing shows: all of them, less the few whom the policy does not bind.

    To join a million standings with their people would take four times as long.
    """
    theirs = f"s.policy_id = %(policy)s AND {answer_states.is_in(state, notices)}"
    others = f"policies_person p JOIN policies_standing s ON s.person_id = p.id WHERE NOT ({bound}) AND {theirs}"
    return f"(SELECT count(*) FROM policies_standing s WHERE {theirs}) - (SELECT count(*) FROM {others})"


def _bound(
    version: Version, notices: list[Notice], chosen: Chosen, *, at: datetime
) -> tuple[str, dict[str, str | int]]:
    given: dict[str, str | int] = answer_states.parameters(version, notices, at=at)  # type: ignore[assignment]
    parts = ["p.joined_at <= %(at)s", "(p.closed_at IS NULL OR p.closed_at > %(at)s)"]
    for place, tags in enumerate(filter(None, (version.policy.audiences, tags_of(chosen.audience)))):
        named = {f"tag{place}_{number}": sought(tag) for number, tag in enumerate(tags)}
        parts.append(has_any_of("p.audiences", [f"%({name})s" for name in named], connection))
        given |= named
    if chosen.since:
        given["since"] = sql_dialect.instant(chosen.since) or ""
    return " AND ".join(parts), given
