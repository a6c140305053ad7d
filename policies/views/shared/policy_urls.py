"""Where the pages of a policy stand, and how a request finds its policy: by its slug, or by one it had once."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.urls import reverse
from django.urls.converters import StringConverter
from django.views.decorators.http import require_safe

from policies import clock, language_names, timeline
from policies.front.keeping import keep
from policies.models import Policy
from policies.models.fields import LABEL, Label
from policies.text.words import language_tags
from policies.views.shared import origins

# What these pages look for in a query.
QUERIES = ("as_of", "from", "to", "view")

P = ParamSpec("P")
PolicyView = Callable[Concatenate[HttpRequest, timeline.Timeline, str, P], HttpResponseBase]
View = Callable[..., HttpResponseBase]


class LanguageConverter:
    """The tag of a language in a URL, however it is written there."""

    regex = "[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*"

    def to_python(self, value: str) -> str:
        return language_tags.canonical(value)

    def to_url(self, value: str) -> str:
        return value


class LabelConverter:
    """A version in a URL: "2", or "2.1" for a correction of it."""

    regex = LABEL

    def to_python(self, value: str) -> Label:
        label = Label.read(value)
        if label is None:
            raise ValueError(value)
        return label

    def to_url(self, value: Label) -> str:
        return str(value)


class EndingConverter(StringConverter):
    """What a text in force is asked as: the endings of files, and HTML for a piece of a page."""

    regex = "md|txt|json|html"


def path_to(name: str, policy: Policy, language: str = "", **parts: object) -> str:
    """Return the path of a policy's page; its own language needs no part in it."""
    where = {"slug": policy.slug, **parts}
    if language and language != policy.language:
        where["language"] = language
    return reverse(f"policies:{name}", kwargs=where)


def absolute(path: str) -> str:
    """Return the whole address, from SITE_URL and never from the request's Host."""
    return f"{settings.SITE_URL}{path}"


def of_a_policy(view: "PolicyView[P]") -> View:
    """
    Find the policy of a page and speak its language, or the one the address names.

    An address the policy once had redirects for ever. What was never published is not found.
    """

    @origins.open_to_all
    @require_safe
    @wraps(view)
    def found(
        request: HttpRequest, slug: str, language: str = "", *args: P.args, **parts: P.kwargs
    ) -> HttpResponseBase:
        its_timeline = timeline.at_address(slug, at=clock.now())
        policy = its_timeline.policy if its_timeline else Policy.objects.at_address(slug)
        if policy is None:
            raise Http404
        if elsewhere := moved(request, policy):
            return elsewhere
        with language_names.speaking(language, policy.language):
            if its_timeline is None or not is_there(language, its_timeline):
                raise Http404
            response = view(request, its_timeline, language or policy.language, *args, **parts)
            return keep(request, response, reads=QUERIES)

    return found


def is_there(language: str, its_timeline: timeline.Timeline) -> bool:
    """Whether a language is one of our own or one that a text of the policy is in: of others there are too many."""
    ours = language_names.spoken(language) == language or not language
    return ours or its_timeline.has_language(language)


def moved(request: HttpRequest, policy: Policy) -> HttpResponsePermanentRedirect | None:
    """Where this page of the policy stands now; None where it stands here. A form that was sent is taken here."""
    here = request.resolver_match
    if request.method not in {"GET", "HEAD"} or here is None or here.kwargs["slug"] == policy.slug:
        return None
    path = reverse(here.view_name, kwargs={**here.kwargs, "slug": policy.slug})
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)
