"""What is in force, under an address that stays: as a file, or as a piece of a page."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from policies import timeline
from policies.models.fields import Label
from policies.views.public import downloads, fragments
from policies.views.shared.policy_urls import absolute, of_a_policy, path_to

Of = Callable[[HttpRequest, timeline.Timeline, str, Label], HttpResponseBase]
BY_ENDING: dict[str, tuple[str, Of]] = {
    "md": ("markdown", downloads.as_markdown),
    "txt": ("plain", downloads.as_plain),
    "json": ("json", downloads.as_json),
    "html": ("fragment", fragments.as_text),
}


@of_a_policy
def current(request: HttpRequest, its_timeline: timeline.Timeline, language: str, ending: str) -> HttpResponseBase:
    """The version in force, with the address at which it stays (Content-Location); 404 before there is one."""
    entry = its_timeline.in_force
    if entry is None:
        raise Http404(_("No version of this policy is in force yet."))
    name, view = BY_ENDING[ending]
    response = view(request, its_timeline, language, entry.label)
    stays_at = path_to(name, its_timeline.policy, language, number=entry.label)
    response.headers["Content-Location"] = absolute(stays_at)
    # That of the version may be kept for ever; which one is in force may be another one in a moment.
    response.headers["Cache-Control"] = "public, no-cache"
    return response
