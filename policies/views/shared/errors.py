"""Error pages with the same headers and the same calm as every other page: what, where, what to do."""

import re
import sys

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

from policies import clock, date_formats, timeline
from policies.operations import schema
from policies.text import bounded
from policies.views.shared import page_context, responses


def plain(request: HttpRequest, status: int) -> HttpResponse:  # noqa: ARG001 - the pages are made without the request
    """One of the pages in templates/errors/, for nobody in particular."""
    return HttpResponse(render_to_string(f"errors/{status}.html"), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that a request makes no sense, or that it is larger than anything this site takes."""
    return plain(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    return plain(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:  # noqa: ARG001 - Django's signature
    """Say that there is no such page; below a policy's address, list its versions."""
    below = re.match(r"/p/([-\w]+)/", request.path)
    its_timeline = timeline.at_address(below[1], at=clock.now()) if below else None
    return version_missing(request, its_timeline, "") if its_timeline else plain(request, 404)


def too_many(request: HttpRequest) -> HttpResponse:
    """Say that a caller has to wait for a minute."""
    response = plain(request, 429)
    response.headers["Retry-After"] = "60"
    return response


def stopped(request: HttpRequest, reason: bounded.Stopped) -> HttpResponse:
    """Say that a page takes more work than a page may; what to do about the text, only to those who can."""
    is_editor = request.user.has_perm("policies.change_version")
    page = render_to_string("errors/stopped.html", {"reason": str(reason) if is_editor else ""})
    response = HttpResponse(page, status=503)
    response.headers["Retry-After"] = "60"
    return response


def not_as_published(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the page is for nobody in particular
    """Say that a page is not shown, because what is stored is not what was published."""
    return HttpResponse(render_to_string("errors/not_as_published.html"), status=503)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault; where the database is away, or behind this code, that it is for a while."""
    failed = sys.exc_info()[1]
    is_behind = isinstance(failed, DatabaseError) and _is_behind()
    if not is_behind and not isinstance(failed, OperationalError):
        return plain(request, 500)
    response = HttpResponse(render_to_string("errors/503.html", {"is_behind": is_behind}), status=503)
    response.headers["Retry-After"] = "30"
    return response


def _is_behind() -> bool:
    try:
        return bool(schema.unapplied(connection))
    except DatabaseError:
        return False


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Say that a form was too old or came from elsewhere; nothing has been recorded."""
    return HttpResponse(render_to_string("errors/csrf.html"), status=403)


def version_missing(request: HttpRequest, its_timeline: timeline.Timeline, language: str) -> HttpResponseBase:
    """Say that a policy has no such page or version, and list the versions it has."""
    return _within(request, its_timeline, language, "errors/version_missing.html", status=404)


def nothing_governed(
    request: HttpRequest, its_timeline: timeline.Timeline, language: str, moment: date_formats.DateWords
) -> HttpResponseBase:
    """Say that no version governed yet at a moment, and list those that came later."""
    return _within(request, its_timeline, language, "errors/nothing_governed.html", status=404, moment=moment)


def unread_date(request: HttpRequest, its_timeline: timeline.Timeline, language: str, problem: str) -> HttpResponseBase:
    """Say how to write a date, and offer to try again."""
    return _within(request, its_timeline, language, "errors/unread_date.html", status=400, problem=problem)


def _within(
    request: HttpRequest, its_timeline: timeline.Timeline, language: str, template: str, *, status: int, **more: object
) -> HttpResponseBase:
    context = {
        "policy": its_timeline.policy,
        "mentions": [page_context.mention(its_timeline, entry, language) for entry in its_timeline.entries],
        "paths": page_context.paths_of(its_timeline, language),
        "today": its_timeline.at.astimezone(its_timeline.policy.zone).date(),
        **more,
    }
    return responses.page(request, template, context, status=status)
