"""Ending where somebody is signed in, a user or a person, for whoever administers users."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext, ngettext

from policies import clock
from policies.acceptance.sessions import open_sessions
from policies.acceptance.sessions.open_sessions import Whose
from policies.admin.desk.base import user_of
from policies.admin.desk.verb_page import Outcome, Verb, VerbPage

PERMISSION = "change_user"


def verb(request: HttpRequest, whose: Whose, *, name: str, then: str) -> Verb:
    """The page that says where `name` is signed in, and the button that ends it."""

    def act(_data: Any) -> Outcome:
        ended = end_all(request, whose)
        said = ngettext("%(n)d session was ended.", "%(n)d sessions were ended.", ended) % {"n": ended}
        return Outcome(said if ended else gettext("There was nothing to end."), then)

    found = open_sessions.of(whose, at=clock.now())
    page = VerbPage(
        title=gettext("End where %(name)s is signed in") % {"name": name},
        button=gettext("End all of them"),
        permission=PERMISSION,
        is_binding=True,
        paragraphs=(
            ngettext("%(n)d session is open.", "%(n)d sessions are open.", len(found)) % {"n": len(found)},
            gettext("They stop working at once. Whoever holds the account signs in again; nothing else changes."),
        ),
        is_grave=True,
    )
    return Verb(page, act)


def end_all(request: HttpRequest, whose: Whose) -> int:
    """End them all, but for the one in which this is asked."""
    return open_sessions.end_all(whose, by=user_of(request), at=clock.now(), keep=request.session.session_key)
