"""Before anything is published: the rehearsal, and the people behind each of its numbers."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from policies import clock, publishing
from policies.admin import rehearsal_page
from policies.admin.base import frame, may
from policies.admin.places import version_url
from policies.admin.version_pages import VersionPages, version_or_404
from policies.models import Version
from policies.publishing import promise_check


class Rehearsing(VersionPages):
    """Mixed into the version's admin; `rehearsal_pages` are the last parts of the addresses. Both only read."""

    rehearsal_pages = ("rehearsal", "rehearsed")

    def rehearsal(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who would be told, who would not, and how long it takes, if it were published now."""
        version = _unpublished(pk)
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        at = clock.now()
        rehearsal = publishing.rehearse(version=version, at=at)
        check = promise_check.check(version=version, at=at, reached_at=rehearsal.last_reached_at)
        context = {
            **frame(self, request, version, gettext("Rehearsal")),
            "who": rehearsal_page.build(version, rehearsal, check, at=at),
            "back": version_url(version),
        }
        return render(request, "admin/policies/version/rehearsal.html", context)

    def rehearsed(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The people of one fate; or one person, and whether they would be told. Support looks for one at a time."""
        version = _unpublished(pk)
        may_list = may(request, "change_notice") or may(request, "view_evidence")
        if not may_list and not may(request, "view_person"):
            raise PermissionDenied
        page = rehearsal_page.people(
            version, request.GET, at=clock.now(), may_list=may_list, may_open=may(request, "view_person")
        )
        context = {**frame(self, request, version, page.title), "page": page, "back": version_url(version)}
        return render(request, "admin/policies/version/rehearsed.html", context)


def _unpublished(pk: int) -> Version:
    version = version_or_404(pk)
    if version.published_at:
        raise Http404
    return version
