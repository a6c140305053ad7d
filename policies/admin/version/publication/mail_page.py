"""The mail of a version, before it is sent: for a frame, with the styles that mails need, and to one's own mailbox."""

from collections.abc import Mapping
from typing import Any

from csp.decorators import csp
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin

from policies import clock
from policies.admin.desk.base import may, user_of
from policies.admin.desk.mail_frame import MAIL_CSP
from policies.admin.desk.page_links import version_url
from policies.admin.desk.verb_page import Outcome, Verb, VerbPage
from policies.admin.version.shared import VersionsAdmin
from policies.models import Version
from policies.notices.plan import mail_languages
from policies.notices.upkeep import trial_mails
from policies.notices.write import messages


@csp(MAIL_CSP)  # type: ignore[arg-type]  # its annotation knows no view with arguments
@xframe_options_sameorigin
def mail(_of: VersionsAdmin, request: HttpRequest, version: Version, language: str) -> HttpResponse:
    """Serve the HTML part of a version's notice."""
    if not may(request, "view_version"):
        raise PermissionDenied
    if language not in {mail.tag for mail in mail_languages.of(version, at=clock.now())}:
        raise Http404
    return HttpResponse(messages.preview(version, language).html)


def trial_mail(request: HttpRequest, version: Version) -> Verb:
    """Send the notice of a version to whoever asks, in every language in which somebody would get it."""
    to, found = user_of(request), mail_languages.of(version, at=clock.now())

    def act(_data: Mapping[str, Any]) -> Outcome:
        tags = [mail.tag for mail in found]
        sent = trial_mails.send_notice(version=version, languages=tags, to=to, at=clock.now())
        said = ngettext("The mail server took %(n)d test mail.", "The mail server took %(n)d test mails.", sent)
        return Outcome(said % {"n": sent}, version_url(version))

    page = VerbPage(
        title=gettext("Send the mail about %(version)s to yourself") % {"version": version},
        button=gettext("Send it to me alone"),
        permission="view_notice",
        is_binding=False,
        paragraphs=(
            ngettext(
                "%(n)d mail goes to %(address)s, and to nobody else.",
                "%(n)d mails, one in each language, go to %(address)s, and to nobody else.",
                len(found),
            )
            % {"n": len(found), "address": to.email},
        ),
    )
    return Verb(page, act)
