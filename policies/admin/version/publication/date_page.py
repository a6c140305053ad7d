"""What would come of an earlier effective date: the promise line by line, who is told, and what waits to be sent."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies import publishing
from policies.admin.desk.form_fields import DayField, midnight
from policies.admin.desk.instant_formats import in_utc, in_zone
from policies.models import Notice, Version


@dataclass(frozen=True)
class DatePage:
    """
    `judged` is the day that was asked about; None where none was.

    :ivar earliest: the first day that keeps the promise; empty where any does
    """

    day: date | None
    moment: tuple[str, str] | None
    judged: publishing.Judged | None
    earliest: str
    is_untold: bool
    consequences: tuple[str, ...]


def build(version: Version, given: str, *, at: datetime) -> DatePage:
    """Look at one day as the verb would. Reads only."""
    day = _read(given)
    effective_at = midnight(day, version.zone) if day else version.effective_at
    if version.published_at is None or effective_at is None:
        return DatePage(None, None, None, "", is_untold=False, consequences=())
    judged = publishing.judge(version, effective_at, at=at)
    earliest = judged.check.earliest_effective_at
    return DatePage(
        day=day,
        moment=(in_zone(effective_at, version.zone), in_utc(effective_at)) if day else None,
        judged=judged if day else None,
        earliest=formats.date_format(earliest.astimezone(version.zone), "DATE_FORMAT") if earliest else "",
        is_untold=publishing.is_untold([version]),
        consequences=tuple(_consequences(version, judged)),
    )


def _consequences(version: Version, judged: publishing.Judged) -> list[str]:
    waiting = version.notices.filter(state__in=[Notice.State.PLANNED, Notice.State.SENDING, Notice.State.PAUSED])
    people = judged.rehearsal.by_mail if version.tells_people else 0
    told = ngettext(
        "%(n)s person gets a mail that names the new day, and hears nothing of the old one.",
        "%(n)s people get a mail that names the new day, and hear nothing of the old one.",
        people,
    )
    said = [
        _("Pages, feeds, the API and the banner name the new day at once; the version's page says what it was."),
        told % {"n": f"{people:,}"} if people else _("Nobody is told by mail: the page, its date and its feed change."),
    ]
    if waiting.exists():
        said.append(_("The notice that waits with the old day is ended, and another one is made."))
    return [*said, _("It goes on the record with your name. Once a mail is tried, it can only be postponed.")]


def _read(given: str) -> date | None:
    try:
        return DayField(required=False).to_python(given)
    except ValidationError:
        return None
