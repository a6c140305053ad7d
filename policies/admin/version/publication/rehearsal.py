"""Before anything is published: the rehearsal, and the people behind each of its numbers."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from policies import clock, publishing
from policies.admin.desk.base import frame, may
from policies.admin.desk.page_links import version_url
from policies.admin.version.publication import rehearsal_page
from policies.admin.version.shared import VersionsAdmin
from policies.models import Version
from policies.publishing import promise_check


def rehearsal(of: VersionsAdmin, request: HttpRequest, version: Version) -> HttpResponse:
    """Who would be told, who would not, and how long it takes, if it were published now."""
    _refuse_published(version)
    if not of.has_view_permission(request, version):
        raise PermissionDenied
    at = clock.now()
    rehearsal = publishing.rehearse(version=version, at=at)
    check = promise_check.check(version=version, at=at, reached_at=rehearsal.last_reached_at)
    context = {
        **frame(of, request, version, gettext("Rehearsal")),
        "who": rehearsal_page.build(version, rehearsal, check, at=at),
        "back": version_url(version),
    }
    return render(request, "admin/policies/version/rehearsal.html", context)


def rehearsed(of: VersionsAdmin, request: HttpRequest, version: Version) -> HttpResponse:
    """The people of one fate; or one person, and whether they would be told. Support looks for one at a time."""
    _refuse_published(version)
    may_list = may(request, "change_notice") or may(request, "view_evidence")
    if not may_list and not may(request, "view_person"):
        raise PermissionDenied
    page = rehearsal_page.people(
        version, request.GET, at=clock.now(), may_list=may_list, may_open=may(request, "view_person")
    )
    context = {**frame(of, request, version, page.title), "page": page, "back": version_url(version)}
    return render(request, "admin/policies/version/rehearsed.html", context)


def _refuse_published(version: Version) -> None:
    """What was published is not rehearsed any more."""
    if version.published_at:
        raise Http404
