"""Who a notice is for, how many they are and how that came about; and the mails that were written for them."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from policies import language_names
from policies.admin.desk.instant_formats import in_zone
from policies.models import Notice

Kind = Notice.Kind


@dataclass(frozen=True)
class AudienceCard:
    """`who` in words; `people` are the frozen ones, `late` came after them; `sha256` is of the frozen ones' ids."""

    who: str
    people: int
    frozen: str
    late: int
    sha256: str


@dataclass(frozen=True)
class Mail:
    """The mail of a notice in one language; `url` shows it as it is sent."""

    language_name: str
    language: str
    subject: str
    url: str


def audience_of(notice: Notice) -> AudienceCard:
    """The audience of a notice; it is frozen before the first mail."""
    return AudienceCard(
        who=_who(notice),
        people=notice.audience_count,
        frozen=in_zone(notice.frozen_at, notice.version.zone) if notice.frozen_at else "",
        late=notice.late_count,
        sha256=notice.audience_sha256,
    )


def mails_of(notice: Notice) -> tuple[Mail, ...]:
    """The mails that could be written, by language."""
    return tuple(
        Mail(
            language_names.name_of(template.language),
            template.language,
            template.subject,
            reverse("admin:policies_notice_mail", args=[notice.pk, template.language]),
        )
        for template in notice.templates.exclude(source="").order_by("language")
    )


def _who(notice: Notice) -> str:
    if notice.stream == Notice.Stream.ALERT:
        all_of_them = _("Visitors who follow this policy, or every policy, by mail and confirmed it.")
        told = _("Followers to whom the announcement of this version went out.")
        return told if notice.kind in {Kind.WITHDRAWN, Kind.CORRECTION} else all_of_them
    if notice.kind == Kind.AGAIN:
        return _("One person, whom somebody at the desk chose.")
    if notice.kind in {Kind.WITHDRAWN, Kind.CORRECTION}:
        return _("People to whom the announcement of this version went out, or may have.")
    audiences = notice.version.policy.audiences
    bound = (
        _("Everybody with an account whom the policy binds: people tagged %s.") % ", ".join(audiences)
        if audiences
        else _("Everybody with an account: the policy binds them all.")
    )
    if notice.kind == Kind.REMINDER:
        return f"{bound} {_('Of these, whoever had not answered.')}"
    return bound
