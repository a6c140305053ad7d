"""
A claimed answer was given on paper or by phone: the desk puts it on record, as the claim of whoever does.

It counts as the person's answer, and everywhere says that it was not their own click.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies.acceptance.answering import Circumstances, Refused, Showing, answer_within
from policies.models import Act, AuditEvent, Person, User, Version

REMARK_LENGTH = 250


class Medium(TextChoices):
    """How the answer was given."""

    PAPER = "paper", gettext_lazy("on paper")
    PHONE = "phone", gettext_lazy("by phone")
    IN_PERSON = "in person", gettext_lazy("in person, by word of mouth")


class NotPlausible(Refused):
    """Nobody can have given this answer on that day."""

    code = "not-plausible"


@transaction.atomic(durable=True)
def record(
    *,
    person: Person,
    version: Version,
    answer: Act.Kind,
    medium: Medium,
    on: date,
    remark: str,
    scan_sha256: str,
    strength: Act.Strength,
    by: User,
    at: datetime,
) -> Act:
    """
    Record that `person` agreed to or declined `version` elsewhere, on a day in its legal zone, as `by` claims.

    What was given as `remark` lies with the person and is erased with them; `by` is named in the act.

    :raises NotPlausible: if the day lies ahead, or the version was not published by then
    :raises: as `acceptance.accept`
    """
    _refuse_day(version, on, at)
    text = version.text_in(person.language)
    act = answer_within(
        answer,
        person=person,
        version=version,
        showing=Showing(language=text.language, text_sha256=text.sha256, manifest_sha256=version.manifest_sha256),
        how=Circumstances(
            method=Act.Method.DESK,
            strength=strength,
            source=str(by)[:60],
            remark=_said(medium, on, remark, scan_sha256),
        ),
        at=at,
    )
    AuditEvent.record(
        "answer.claimed", by=by, at=at, version=version, person=person.pk, answer=answer.value, act=act.pk
    )
    return act


def _refuse_day(version: Version, on: date, at: datetime) -> None:
    if on > at.astimezone(version.zone).date():
        raise NotPlausible(_("This day lies ahead: nobody can have answered then."))
    if version.published_at and on < version.published_at.astimezone(version.zone).date():
        words = _("%(version)s was published only on %(day)s: nobody can have answered before.")
        day = version.published_at.astimezone(version.zone).date().isoformat()
        raise NotPlausible(words % {"version": version.name.capitalize(), "day": day})


def _said(medium: Medium, on: date, remark: str, scan_sha256: str) -> str:
    parts = [f"{medium.value}, {on.isoformat()}", " ".join(remark.split())]
    parts.append(f"sha256 of the scan: {scan_sha256}" if scan_sha256 else "")
    return "; ".join(filter(None, parts))
