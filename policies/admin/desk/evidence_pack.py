"""Hand out an evidence pack: a ZIP that verifies itself. Who took which is on the record."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from policies import clock
from policies.admin.desk.base import frame, may, user_of
from policies.evidence.pack import packing
from policies.models import AuditEvent, Version
from policies.operations import maintenance
from policies.sign_in.showing_again import asking_again


def hand_out(
    request: HttpRequest,
    *,
    scope: packing.Scope,
    of: admin.ModelAdmin,  # type: ignore[type-arg]
    obj: models.Model,
    back: str,
) -> HttpResponse:
    """Say what the pack holds; on POST seal the ledger, make the pack and send it. Asks who is there."""
    if not may(request, "view_evidence"):
        raise PermissionDenied
    return asking_again(_hand_out)(request, scope=scope, of=of, obj=obj, back=back)


def _hand_out(
    request: HttpRequest,
    *,
    scope: packing.Scope,
    of: admin.ModelAdmin,  # type: ignore[type-arg]
    obj: models.Model,
    back: str,
) -> HttpResponse:
    at, problem = clock.now(), ""
    if request.method == "POST":
        maintenance.sign(at=at)
        try:
            pack = packing.build(scope, at=at)
        except packing.NothingSealed:
            problem = gettext("Nothing is in the ledger yet: there is nothing to prove.")
        else:
            version = obj if isinstance(obj, Version) else None
            AuditEvent.record("evidence.packed", by=user_of(request), at=at, version=version, about=scope.name)
            name = packing.file_name(scope, at=at)
            return HttpResponse(
                pack,
                content_type="application/zip",
                headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
            )
    title = gettext("Evidence about %(about)s") % {"about": obj}
    context = {**frame(of, request, obj, title), "scope": scope, "problem": problem, "back": back}
    return render(request, "admin/evidence.html", context, status=409 if problem else 200)
