"""The prominent notice on every page."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from policies import clock, language_names
from policies.models import Version
from policies.notices.plan import mail_languages
from policies.notices.write import messages
from policies.views.people import prominent_notice

register = template.Library()


@dataclass(frozen=True)
class MailPreview:
    """The mail of a version in one language; `url` is the HTML part, for a frame. `people` would get it."""

    language: str
    name: str
    people: int
    subject: str
    text: str
    url: str


@register.simple_tag
def mail_previews(version: Version) -> list[MailPreview]:
    """The notice of a version in every language in which somebody would get it."""
    return [_preview(version, mail) for mail in mail_languages.of(version, at=clock.now())]


def _preview(version: Version, mail: mail_languages.MailLanguage) -> MailPreview:
    written = messages.preview(version, mail.tag)
    name = language_names.name_of(mail.text)
    if mail.is_mixed:
        named = {"frame": language_names.name_of(mail.frame), "text": name}
        name = _("%(frame)s frame around the text in %(text)s") % named
    url = reverse("admin:policies_version_mail", args=[version.pk, mail.tag])
    return MailPreview(mail.frame, name, mail.people, written.subject, written.text, url)


@register.inclusion_tag("notices/_banner.html", takes_context=True)
def prominent_notices(context: template.Context) -> dict[str, Any]:
    """
    Show a signed-in person what they have to know. Nothing is asked of a request without a session.

    Public pages are made without their request, since caches keep them; there a script asks for it.
    """
    request = context.get("request")
    if request is None:
        return {"is_asked_by_script": True}
    shown = prominent_notice.for_reader(request) if request.COOKIES else ()
    # Whoever is on the page where the answer is given has no need of the way to it.
    elsewhere = [each for each in shown if not (each.asks and urlsplit(each.url).path == request.path)]
    return {"prominent": elsewhere, "next": request.path, "csrf_token": context.get("csrf_token")}
