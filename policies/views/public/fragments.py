"""
A text, or a redline, as a piece of HTML for somebody's own page: with the anchors that it has here, and nothing around.

What it is stands on its outermost element: policy, version, the sha256 of the text, and the address of the page here.
"""

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from policies import timeline
from policies.models.fields import Label
from policies.sign_in import networks
from policies.views.public import comparing, downloads
from policies.views.shared import errors, page_context, responses
from policies.views.shared.policy_urls import absolute, of_a_policy, path_to


def as_text(request: HttpRequest, its_timeline: timeline.Timeline, language: str, number: Label) -> HttpResponseBase:
    """The text of a version, in exactly this language."""
    found = downloads.text_of(its_timeline, language, number)
    page = page_context.version_page(its_timeline, its_timeline.entry_of(found.version), found.language)
    address = path_to("version", its_timeline.policy, found.language, number=number)
    context = {"page": page, "policy": its_timeline.policy, "address": absolute(address)}
    links = [(absolute(address), "canonical")]
    return responses.page(request, "policies/text_fragment.html", context, language=found.language, links=links)


text = of_a_policy(as_text)


@of_a_policy
def redline(
    request: HttpRequest, its_timeline: timeline.Timeline, language: str, before: Label, after: Label
) -> HttpResponseBase:
    """What changed from one version to another, as the page of the two has it."""
    view = request.GET.get("view", "inline")
    if view not in comparing.VIEWS or before >= after:
        return HttpResponseRedirect(path_to("compare", its_timeline.policy, language, before=before, after=after))
    try:
        page = comparing.compared(
            its_timeline, before, after, language=language, view=view, caller=networks.caller(request)
        )
    except comparing.TooMany:
        return errors.too_many(request)
    if page is None:
        return errors.version_missing(request, its_timeline, language)
    address = path_to("compare", its_timeline.policy, page.language, before=before, after=after)
    context = {"page": page, "policy": its_timeline.policy, "address": absolute(address)}
    links = [(absolute(address), "canonical")]
    return responses.page(request, "policies/redline_fragment.html", context, language=page.language, links=links)
