"""
How dates are said to readers: by CLDR in their language, in the policy's legal zone and precision, with the zone within
reach.
"""

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

from babel import dates
from django.utils import dateparse
from django.utils.translation import gettext as _

from policies import language_names
from policies.models import Precision, Version

Day = TypeVar("Day", bound=date)
# The first and the last year of Python's calendar end or begin elsewhere in years that it does not have.
FIRST_YEAR, LAST_YEAR = MINYEAR + 1, MAXYEAR - 1


class NotADate(ValueError):
    """What was asked is neither a day nor an instant."""


@dataclass(frozen=True)
class DateWords:
    """A date for the page: its words, the value for machines (`<time datetime>`), and all of it on request."""

    words: str
    machine: str
    full: str

    def __str__(self) -> str:
        return self.words


def place(zone: ZoneInfo) -> str:
    """Name a zone as people do: “Berlin”. A zone that is only an offset says so: Etc/GMT+5 lies five hours behind."""
    if zone.key.startswith("Etc/"):
        offset = datetime(2000, 1, 1, tzinfo=zone).strftime("%z")
        return "UTC" if offset == "+0000" else f"UTC{offset[:3]}:{offset[3:]}".replace("-", "−")
    if "/" not in zone.key:
        return zone.key
    return dates.get_timezone_location(zone, language_names.locale(), return_city=True)


def day(at: date, zone: ZoneInfo | None = None) -> str:
    """Say a day, or the one on which an instant falls in a zone: “May 20, 2026”."""
    return dates.format_date(_local(at, zone), "long", language_names.locale())


def month(at: date, zone: ZoneInfo | None = None) -> str:
    """Say a month: “May 2026”."""
    return dates.format_skeleton("yMMMM", _local(at, zone), locale=language_names.locale())


def moment(at: datetime, zone: ZoneInfo | None = None) -> str:
    """Say an instant to the minute, from 0 to 24 hours: “May 20, 2026, 14:30”. Whoever says it says the zone too."""
    words = language_names.locale()
    time_of_day = dates.format_skeleton("Hm", _local(at, zone), locale=words)
    return str(words.datetime_formats["medium"]).format(time_of_day, day(at, zone))


def _local(at: Day, zone: ZoneInfo | None) -> Day:
    """What a calendar and a clock show there; without a zone in UTC."""
    return at.astimezone(zone or UTC).replace(tzinfo=None) if isinstance(at, datetime) else at


def day_of(instant: datetime, zone: ZoneInfo) -> DateWords:
    """Say the day on which an instant falls: “May 20, 2026”, with the time, the zone and UTC on request."""
    local = instant.astimezone(zone)
    words = day(instant, zone)
    utc = "" if zone.key == "UTC" else f" = {instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return DateWords(
        words=words, machine=local.isoformat(timespec="minutes"), full=f"{moment(instant, zone)} {zone.key}{utc}"
    )


def instant_of(instant: datetime, zone: ZoneInfo) -> DateWords:
    """Say an instant to the minute: “May 20, 2026, 14:30 Europe/Berlin = 2026-05-20 12:30 UTC”."""
    said = day_of(instant, zone)
    return DateWords(words=said.full, machine=said.machine, full=said.full)


def with_place(instant: datetime, zone: ZoneInfo) -> DateWords:
    """Say the day and where it begins: “May 20, 2026 (Berlin)”."""
    said = day_of(instant, zone)
    return DateWords(words=f"{said.words} ({place(zone)})", machine=said.machine, full=said.full)


def to_the(precision: str, on: date) -> DateWords:
    """Say a calendar date; a month is never said as a day."""
    if precision == Precision.MONTH:
        words = month(on)
        full = _("%(month)s; known to the month") % {"month": words}
        return DateWords(words=words, machine=f"{on:%Y-%m}", full=full)
    words = day(on)
    return DateWords(words=words, machine=on.isoformat(), full=words)


def last_updated(version: Version) -> DateWords:
    """Say when a published version says it was last updated, in its own precision."""
    if version.last_updated_on is None:
        raise NotADate(_("A draft has no date yet."))
    return to_the(version.date_precision, version.last_updated_on)


def last_updated_if_published(version: Version, at: datetime) -> DateWords:
    """Say what a draft would say if it were published at this instant; of a published version, what it says."""
    return to_the(version.date_precision, version.last_updated_on or at.astimezone(version.zone).date())


def effect(version: Version) -> DateWords:
    """
    Say from when a published version binds.

    What is dated to the month and has no later date of its own is said to the month here too: a month is
    never shown as a day.
    """
    at = _set(version.effective_at)
    if _binds_from_its_month(version):
        return to_the(Precision.MONTH, at.astimezone(version.zone).date())
    return with_place(at, version.zone)


def within_a_sentence(said: DateWords) -> str:
    """Say a date within a sentence: “on May 20, 2026 (Berlin)”, “in August 2025”."""
    is_month = len(said.machine) == len("2025-08")
    return (_("in %(month)s") if is_month else _("on %(day)s")) % {"month": said, "day": said}


def differs_from_effect(version: Version) -> bool:
    """Whether "in effect since" says something that "last updated" does not."""
    updated_on = version.last_updated_on
    effective_on = _set(version.effective_at).astimezone(version.zone).date()
    if updated_on and _binds_from_its_month(version):
        return (effective_on.year, effective_on.month) != (updated_on.year, updated_on.month)
    return effective_on != updated_on


def _binds_from_its_month(version: Version) -> bool:
    has_no_other_date = version.imported or version.effective_at == version.published_at
    return version.date_precision == Precision.MONTH and has_no_other_date


def within_reach(given: Day) -> Day:
    """
    The same day or instant, unless it is so near the ends of time that some zone does not have it.

    Everything that is asked or told from outside goes through here before it is moved to another zone.

    :raises NotADate: if it is
    """
    if not FIRST_YEAR <= given.year <= LAST_YEAR:
        raise NotADate(_("The year has to be from %(first)d to %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR})
    return given


def read_moment(asked: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """
    Read a day or an instant that a visitor asks about; return its first and its last moment.

    A day is a day in the legal zone; an instant without an offset is one there too.

    :raises NotADate: if it is neither
    """
    # In a query "+" means a blank: an offset written by hand arrives as one.
    asked = asked.strip().replace(" ", "+") if "T" in asked else asked.strip()
    try:
        day = dateparse.parse_date(asked)
        instant = None if day else dateparse.parse_datetime(asked)
        if day:
            first, last = (datetime.combine(within_reach(day), at, tzinfo=zone) for at in (time.min, time.max))
            return first.astimezone(UTC), last.astimezone(UTC)
        if instant:
            instant = within_reach(instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
            return instant, instant
    except ValueError as error:
        raise NotADate(_unread(asked)) from error
    raise NotADate(_unread(asked))


def _unread(asked: str) -> str:
    return _("“%(asked)s” is not a date. Write it as 2026-03-01, or with a time as 2026-03-01T14:30Z.") % {
        "asked": asked[:40]
    }


def _set(at: datetime | None) -> datetime:
    """A published version has its instants (a constraint of the database)."""
    if at is None:
        raise NotADate(_("A draft has no date yet."))
    return at
