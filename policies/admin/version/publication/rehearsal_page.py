"""The rehearsal of a publication: who would be told how and why, who would not, how long it takes, and each of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies import language_names, publishing
from policies.admin.desk.base import number_in
from policies.admin.desk.instant_formats import in_utc, in_zone
from policies.admin.desk.page_links import version_url
from policies.models import Person, Version
from policies.notices.plan import rehearsal_by_person
from policies.notices.plan.rehearsal_by_person import Fate
from policies.notices.report import chart
from policies.notices.returns import mail_addresses

# Of people with one name, so many are answered for at once.
MOST_FOUND = 50


@dataclass(frozen=True)
class Row:
    """One fate, in plain words; its number is a door to the people behind it."""

    fate: str
    label: str
    number: int
    url: str


@dataclass(frozen=True)
class Group:
    title: str
    why: str
    number: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class RehearsalPage:
    """`reached`, `earliest` and `effective` are in the legal zone and in UTC; `why` says what it rests on."""

    tells_people: bool
    has_accounts: bool
    why: tuple[str, ...]
    quotes: tuple[str, ...]
    people: int
    groups: tuple[Group, ...]
    bar: tuple[chart.Box, ...]
    sentence: str
    followers: int
    takes: str
    rate: int
    canary: int
    reached: tuple[str, str]
    effective: tuple[str, str]
    earliest: tuple[str, str] | None
    is_too_early: bool
    search_url: str


@dataclass(frozen=True)
class Verdict:
    """What would be done about one person, as a sentence."""

    person: Person
    address: str
    language: str
    fate: str
    is_told: bool
    words: str
    url: str


@dataclass(frozen=True)
class ListPage:
    """`words` are those of everybody on a list of one fate; of people searched for, each has their own."""

    title: str
    words: str
    search: str
    fate: str
    fates: tuple[tuple[str, str], ...]
    verdicts: tuple[Verdict, ...]
    next_url: str
    may_list: bool


def build(version: Version, rehearsal: publishing.Rehearsal, check: publishing.Check, *, at: datetime) -> RehearsalPage:
    """Everything before the button is pressed; it counts everybody on record once. Reads only."""
    policy = version.policy
    counts = rehearsal_by_person.count(policy, at=at) if check.tells_people else {}
    groups = tuple(_groups(version, counts))
    effective_at, earliest = version.effective_at or at, check.earliest_effective_at
    return RehearsalPage(
        tells_people=check.tells_people,
        has_accounts=policy.has_accounts,
        why=tuple(_why(version, check)),
        quotes=tuple(dict.fromkeys(line.quote for line in check.lines if line.quote)),
        people=sum(group.number for group in groups[:2]),
        groups=groups,
        bar=tuple(chart.side_by_side((row.fate, row.label, row.number) for group in groups[:2] for row in group.rows)),
        sentence=", ".join(f"{group.title}: {group.number:,}" for group in groups),
        followers=rehearsal.followers,
        takes=_duration(rehearsal.minutes),
        rate=settings.NOTICE_RATE_PER_MINUTE,
        canary=settings.NOTICE_CANARY,
        reached=_both(rehearsal.last_reached_at, version),
        effective=_both(effective_at, version),
        earliest=_both(earliest, version) if earliest else None,
        is_too_early=bool(earliest and effective_at < earliest),
        search_url=version_url(version, "rehearsed"),
    )


def people(version: Version, asked: Mapping[str, str], *, at: datetime, may_list: bool, may_open: bool) -> ListPage:
    """The people of one fate, in pages; or those searched for, with what would be done about each."""
    search = asked.get("q", "").strip()[:200]
    fate: str = asked.get("fate", "") if asked.get("fate") in Fate.values else Fate.MAIL.value
    after = asked.get("after", "")
    found = rehearsal_by_person.Listed((), None)
    if search:
        found = rehearsal_by_person.Listed(tuple(Person.objects.called(search)[:MOST_FOUND]), None)
    elif may_list:
        found = rehearsal_by_person.listed(version.policy, Fate(fate), after=number_in(after), at=at)
    exact = rehearsal_by_person.fates(version.policy, [person.pk for person in found.people], at=at)
    return ListPage(
        title=_("Would this person be told?") if search or not may_list else str(Fate(fate).label).capitalize(),
        words="" if search or not may_list else _words(Fate(fate)),
        search=search,
        fate="" if search else fate,
        fates=tuple((value, str(label)) for value, label in Fate.choices),
        verdicts=tuple(_verdict(person, exact[person.pk], may_open=may_open) for person in found.people),
        next_url=f"?{urlencode({'fate': fate, 'after': str(found.after)})}" if found.after else "",
        may_list=may_list,
    )


def _groups(version: Version, counts: Mapping[Fate, int]) -> Iterator[Group]:
    parts = (
        (_("Told by mail"), _("The policy binds them, and a mail can be sent."), rehearsal_by_person.BY_MAIL),
        (
            _("Told on the site and in the product alone"),
            _("The policy binds them, and no mail would reach them: they are shown the prominent notice instead."),
            rehearsal_by_person.ON_SITE,
        ),
        (_("Not told"), _("The policy does not bind them on this day."), rehearsal_by_person.NOT_BOUND),
    )
    for title, why, fates in parts:
        rows = tuple(_row(version, fate, counts[fate]) for fate in fates if counts.get(fate))
        yield Group(title, why, sum(row.number for row in rows), rows)


def _row(version: Version, fate: Fate, number: int) -> Row:
    url = f"{version_url(version, 'rehearsed')}?{urlencode({'fate': fate.value})}"
    return Row(fate.value, str(fate.label), number, url)


def _why(version: Version, check: publishing.Check) -> Iterator[str]:
    """What decides whether and how people are told: the promise where it speaks, else the class of the change."""
    spoken = [line.message for line in check.lines if line.code == "channels"]
    yield from dict.fromkeys(spoken)
    if not version.policy.has_accounts:
        yield _("This policy has no accounts: followers and feeds are its only channels.")
    elif spoken and not check.tells_people:
        yield _("The promise in force asks for no mail in a change of this class.")
    elif not spoken and check.tells_people:
        yield _("The change is material, and the promise in force names no other way: people are told by mail.")
    elif not spoken:
        yield _("The promise in force is silent about a change of this class, and it is not material.")


def _verdict(person: Person, fate: Fate, *, may_open: bool) -> Verdict:
    told_as = person.guardian if fate == Fate.GUARDIAN and person.guardian else person
    return Verdict(
        person=person,
        address=mail_addresses.masked(told_as.address),
        language=language_names.name_of(person.language),
        fate=fate.value,
        is_told=fate in rehearsal_by_person.BY_MAIL,
        words=_words(fate),
        url=reverse("admin:policies_person_change", args=[person.pk]) if may_open else "",
    )


def _words(fate: Fate) -> str:
    if fate in rehearsal_by_person.BY_MAIL:
        words = _("Would be told: %(why)s.")
    elif fate in rehearsal_by_person.ON_SITE:
        words = _("Would get no mail: %(why)s. The prominent notice is shown on the site and in the product instead.")
    else:
        words = _("Would not be told: %(why)s.")
    return words % {"why": fate.label}


def _duration(minutes: int) -> str:
    if minutes < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = -(-minutes // 60)
    if hours < 48:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = -(-hours // 24)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def _both(instant: datetime, version: Version) -> tuple[str, str]:
    return in_zone(instant, version.zone), in_utc(instant)
