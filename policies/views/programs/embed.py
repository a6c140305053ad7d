"""
Notices outside this site: the status that an app polls, its acknowledgement, and the banner in the host's product.

Pages of other origins ask: who is meant stands in a token that the host signed, and no cookie is read.
"""

from collections.abc import Callable, Collection
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from pydantic import ValidationError

from policies import clock, language_names, ledger, timeline
from policies.front.keeping import keep
from policies.ledger import notes
from policies.look import in_use
from policies.models import NoticeSeen, Person, Policy, Version
from policies.notices.on_site import host_tokens, prominent_notice
from policies.notices.write import mail_links
from policies.text.words import language_tags
from policies.views.programs.api import problems
from policies.views.programs.api.given import MALFORMED, wrong_parameters
from policies.views.programs.api.outside import Seen
from policies.views.shared import banner, origins
from policies.views.shared.policy_urls import path_to

LONGEST_BODY = 4096
View = Callable[..., HttpResponseBase]


def from_any_origin(*methods: str, takes: Collection[str] = ()) -> Callable[[View], View]:
    """
    Let pages of other origins ask, by these methods.

    `takes` names the parameters; others are an error.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in methods:
                response = _problem(405, "method-not-allowed", "This address does not take that method.")
                response.headers["Allow"] = ", ".join(methods)
                return response
            return wrong_parameters(request, takes) or view(request, *args, **kwargs)

        return csrf_exempt(origins.open_to_all(wrapped, methods))

    return decorate


@from_any_origin("GET", "HEAD", takes=("installed", "language"))
def status(request: HttpRequest, slug: str) -> HttpResponseBase:
    """
    What an app has to know about a policy: which version is in force and which is coming; `installed` is the app's own.

    `language` is that of the summaries, where a version has them in it.

    The answer is signed with the log's key (`Policy-Signature`: Ed25519 over the body, base64) and has an ETag.
    """
    its_timeline = timeline.at_address(slug, at=clock.now())
    if its_timeline is None:
        return _problem(404, "not-found", f"There is no policy {slug}.")
    policy = its_timeline.policy
    installed, language = request.GET.get("installed", "0"), request.GET.get("language", policy.language)
    if not installed.isdecimal() or len(installed) > 9:
        return _wrong("query.installed", "It is the number of a version: 0 to 999999999.")
    try:
        language = language_tags.canonical(language)
    except ValueError:
        return _wrong("query.language", f"“{language[:50]}” is no tag of a language. Write one such as de or pt-BR.")
    body = ledger.canonical_json(_status(its_timeline, int(installed), language))
    response = HttpResponse(body, content_type="application/json")
    response.headers["ETag"] = f'"{ledger.sha256_hex(body.encode())[:32]}"'
    response.headers["Policy-Signature"] = notes.sign_text(body)
    patch_cache_control(response, public=True, no_cache=True)
    answer = get_conditional_response(request, etag=response.headers["ETag"], response=response) or response
    return keep(request, answer, reads=None)


@never_cache
@from_any_origin("POST")
def acknowledge(request: HttpRequest) -> HttpResponseBase:
    """Record that a person was shown a version's notice in the app or the product. It is no acceptance."""
    person = _person(request)
    if person is None:
        return _problem(401, "bad-token", "The token is missing, not signed by the host, or too old.")
    try:
        seen = Seen.model_validate_json(request.body[: LONGEST_BODY + 1])
    except ValidationError as error:
        return _problem(422, "malformed", MALFORMED, errors=problems.places(error.errors(), below="body"))
    version = _version(seen)
    if version is None:
        return _problem(422, "unknown-version", f"{seen.policy} has no published version {seen.version}.")
    at = clock.now()
    prominent_notice.shown([version], to=person, place=seen.place, at=at)
    if seen.noted:
        prominent_notice.put_away(version, by=person, at=at)
    first = NoticeSeen.objects.get(version=version, person=person).at
    return JsonResponse({"policy": version.policy.slug, "version": version.number, "shown_at": ledger.instant(first)})


@never_cache
@from_any_origin("GET")
def embedded(request: HttpRequest) -> HttpResponseBase:
    """What the banner in the host's product shows to the person whom the token names."""
    person = _person(request)
    if person is None:
        return _problem(401, "bad-token", "The token is missing, not signed by the host, or too old.")
    with language_names.speaking(person.language):
        shown = banner.banner_of(person, at=clock.now())
        notices = [
            {
                "policy": notice.version.policy.slug,
                "version": notice.version.number,
                "words": notice.words,
                "summary": asdict(notice.summary),
                "label": notice.label,
                "url": notice.url,
                "asks": notice.asks,
            }
            for notice in shown
        ]
        said = in_use.look().words.notice
        return JsonResponse(
            {
                "language": translation.get_language(),
                "introduction": {"words": said.words, "language": said.language},
                "notices": notices,
                "dismiss": translation.gettext("I have seen it"),
            }
        )


@require_safe
@from_any_origin("GET", "HEAD")
def script(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - Django's signature
    """The banner's script, at an address that does not change with the file."""
    return _lasting("js/embed.js", "text/javascript; charset=utf-8")


@require_safe
@from_any_origin("GET", "HEAD")
def elements(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - Django's signature
    """The elements `policy-text` and `policy-changes` for pages of other origins."""
    return _lasting("js/elements.js", "text/javascript; charset=utf-8")


@require_safe
@from_any_origin("GET", "HEAD")
def redline_colors(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - Django's signature
    """How a redline looks, for pages of other origins."""
    return _lasting("css/redline.css", "text/css; charset=utf-8")


def _lasting(name: str, content_type: str) -> HttpResponse:
    """A static file at an address that does not change with it."""
    response = HttpResponse(Path(str(finders.find(name))).read_text(), content_type=content_type)
    patch_cache_control(response, public=True, max_age=300)
    return response


def _status(its_timeline: timeline.Timeline, installed: int, language: str) -> dict[str, object]:
    policy, in_force, upcoming = its_timeline.policy, its_timeline.current, its_timeline.announced
    if in_force is None and not upcoming:
        raise Http404
    latest = max((version.number or 0 for version in [*filter(None, [in_force]), *upcoming]), default=0)
    return {
        "policy": policy.slug,
        "title": policy.title,
        "url": mail_links.page(policy, policy.language),
        "in_force": _said(in_force, language) if in_force else None,
        "upcoming": [_said(version, language) for version in upcoming],
        "installed": installed,
        "is_current": installed >= latest,
    }


def _said(version: Version, language: str) -> dict[str, object]:
    return {
        "version": version.number,
        "correction": version.correction,
        "published_at": ledger.instant(version.published_at) if version.published_at else None,
        "effective_at": ledger.instant(version.effective_at) if version.effective_at else None,
        "class": version.change_class,
        "tells_people": version.tells_people,
        "acceptance": version.acceptance,
        "summary": asdict(version.summary_in(language)),
        "manifest_sha256": version.manifest_sha256,
        "url": f"{settings.SITE_URL}{path_to('version', version.policy, number=version.label)}",
    }


def _person(request: HttpRequest) -> Person | None:
    scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        return None
    try:
        return host_tokens.person_of(token, at=clock.now())
    except host_tokens.BadToken:
        return None


def _version(seen: Seen) -> Version | None:
    policy = Policy.objects.at_address(seen.policy)
    return policy.versions.standing().visible(clock.now()).filter(number=seen.version).first() if policy else None


def _wrong(where: str, message: str) -> HttpResponse:
    return _problem(422, "malformed", MALFORMED, errors=[{"where": where, "message": message}])


def _problem(status: int, code: str, title: str, **details: object) -> HttpResponse:
    return problems.respond(problems.Problem(status, code, title, **details))
