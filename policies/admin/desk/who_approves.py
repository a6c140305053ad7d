"""What to say and do where nobody at the desk may approve: give somebody the role."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from policies.admin.desk.base import may

INVITE = "admin:policies_user_add"


def nobody_yet(request: HttpRequest) -> str:
    """One sentence, with a link for who may follow it."""
    if may(request, "add_user"):
        words = gettext('Nobody can approve yet: <a href="{url}">give somebody the role approver</a>.')
        return format_html(words, url=reverse(INVITE))
    return gettext("Nobody can approve yet: ask an administrator to give somebody the role approver.")
