"""What machines look for at fixed addresses: the policies, privacy signals, security contact, crawlers, health."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from policies import clock, date_formats, timeline
from policies.front.keeping import keep
from policies.look import in_use
from policies.models import Summary
from policies.operations import schema
from policies.views.public import downloads
from policies.views.shared import responses
from policies.views.shared.origins import open_to_all
from policies.views.shared.policy_urls import absolute, path_to

# The day from which the site has answered the signal the way it does (a field of the GPC specification).
GPC_SINCE = "2026-11-01"
SECURITY_TXT_PERIOD = timedelta(days=180)
PRIVATE = ("/account/", "/admin/", "/api/", "/demo/", "/review/", "/sign-in/")


@open_to_all
@require_safe
def policies(request: HttpRequest) -> HttpResponseBase:
    """List every policy with the version in force and those announced."""
    found = [_policy(its_timeline) for its_timeline in timeline.of_all(at=clock.now())]
    response = JsonResponse({"organization": in_use.organization(), "policies": found})
    response.headers["Cache-Control"] = "public, no-cache"
    return keep(request, response)


@open_to_all
@require_safe
def gpc(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - one answer for every reader
    """Say that the Global Privacy Control is honored; the site itself tracks nobody."""
    return JsonResponse({"gpc": True, "lastUpdate": GPC_SINCE})


@open_to_all
@require_safe
def security_txt(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - one answer for every reader
    """Say whom to tell about a weakness (RFC 9116)."""
    # To the day: two requests on one day get the same file.
    expires = (clock.now() + SECURITY_TXT_PERIOD).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Canonical: {absolute(reverse('policies:security_txt'))}",
        "Preferred-Languages: en",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@open_to_all
@require_safe
def robots(request: HttpRequest) -> HttpResponseBase:
    """Let crawlers read what is public and nothing else."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE)]
    lines += ["", f"Sitemap: {absolute(reverse('policies:sitemap'))}"]
    response = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    patch_cache_control(response, public=True, no_cache=True)
    return keep(request, response)


@open_to_all
@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """List the current page of each policy with the day on which it truly changed last."""
    pages = [
        {"address": absolute(path_to("policy", its_timeline.policy)), "changed": changed}
        for its_timeline in timeline.of_all(at=clock.now())
        if (current := its_timeline.in_force) and (changed := current.version.effective_at)
    ]
    content = render_to_string("policies/sitemap.xml", {"pages": pages})
    return keep(request, responses.file(request, content, "application/xml; charset=utf-8"))


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - one answer for every reader
    """Say whether the site can answer: 503 where it cannot reach its database, or that one lacks migrations."""
    try:
        is_behind = schema.unapplied(connection)
    except DatabaseError:
        return JsonResponse({"database": "unreachable"}, status=503)
    return JsonResponse({"database": "behind" if is_behind else "ok"}, status=503 if is_behind else 200)


def _policy(its_timeline: timeline.Timeline) -> dict[str, object]:
    policy, in_force = its_timeline.policy, its_timeline.in_force
    return {
        "slug": policy.slug,
        "title": policy.title,
        "kind": policy.kind,
        "url": absolute(path_to("policy", policy)),
        "history": absolute(path_to("history", policy)),
        "feed": absolute(path_to("atom", policy)),
        "language": policy.language,
        "retired": date_formats.day_of(policy.retired_at, policy.zone).machine if policy.retired_at else None,
        "in_force": _facts(its_timeline, in_force) if in_force else None,
        "upcoming": [_facts(its_timeline, entry) for entry in its_timeline.upcoming],
    }


def _facts(its_timeline: timeline.Timeline, entry: timeline.Entry) -> dict[str, object]:
    """In the policy's own language, as this list is: each version's JSON has its summary in every other."""
    summary = Summary(its_timeline.policy.language, **entry.version.answers)
    return downloads.facts(its_timeline, entry, summary)
