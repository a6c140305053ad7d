"""The page of one version: the editor of a draft, and what stands of what was published."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from policies import authoring, clock
from policies.admin.desk import refusal_messages
from policies.admin.desk.base import frame, may, user_of
from policies.admin.desk.page_links import version_url
from policies.admin.version.draft.conflict import Conflict, conflict_with
from policies.admin.version.draft.form import AddLanguageForm, DraftForms
from policies.admin.version.shared import VersionsAdmin, desk_of
from policies.authoring.obstacles import Kind, obstacles_of
from policies.models import Revision, Version

EDITOR = "admin/policies/version/change_form.html"
READER = "admin/policies/version/read.html"


def read(of: VersionsAdmin, request: HttpRequest, version: Version) -> HttpResponse:
    """The page of a version that this person cannot edit."""
    return _page(of, request, version, READER)


def edit(of: VersionsAdmin, request: HttpRequest, version: Version) -> HttpResponse:
    """The editor of a draft, with one more language where one is asked for."""
    add = AddLanguageForm(request.GET).asked
    return _editor(of, request, version, DraftForms(version, at=clock.now(), add=add))


def save(of: VersionsAdmin, request: HttpRequest, version: Version) -> HttpResponse:
    """Save what was typed, or show it again with what is wrong; “save and go on” leads to handing it in."""
    forms = DraftForms(version, at=clock.now(), data=request.POST)
    if not forms.is_valid():
        return _editor(of, request, version, forms, status=422)
    goes_on = "_next" in request.POST
    if goes_on and not forms.has_changed():
        return redirect(version_url(version, "submit"))
    fields, texts = forms.for_verb
    try:
        revision = authoring.save_draft(
            version=version,
            by=user_of(request),
            at=clock.now(),
            fields=fields,
            texts=texts,
            expected_revision=forms.seen_revision,
        )
    except authoring.EditedMeanwhile as error:
        version.refresh_from_db()
        conflict = conflict_with(error.latest, texts)
        return _editor(of, request, version, forms, conflict=conflict, status=409)
    except refusal_messages.EXPECTED as error:
        forms.draft.add_error(None, refusal_messages.explain(error))
        return _editor(of, request, version, forms, status=409)
    _say_saved(request, version, revision, seen=forms.seen_revision)
    return redirect(version_url(version, "submit" if goes_on else "change"))


def _say_saved(request: HttpRequest, version: Version, revision: Revision, *, seen: int | None) -> None:
    """What was done; and whether it could be published like that."""
    if revision.number == seen:
        messages.info(request, gettext("Nothing was changed: revision %d stands.") % revision.number)
    else:
        messages.success(request, gettext("Saved as revision %d.") % revision.number)
    version.refresh_from_db()
    for each in obstacles_of(version, at=clock.now()):
        if each.kind != Kind.MISSING:
            messages.warning(request, gettext("It cannot be published like this. %s") % each.words)


def too_late(of: VersionsAdmin, request: HttpRequest, version: Version) -> HttpResponse:
    """A form of a draft that was published while somebody edited it: say so, and give the typed text back."""
    if not may(request, "change_version"):
        raise PermissionDenied
    typed = [(key, value) for key, value in request.POST.items() if key.endswith("-body")]
    messages.error(request, refusal_messages.explain(authoring.AlreadyPublished()))
    return _page(of, request, version, READER, status=409, typed=typed)


def _editor(
    of: VersionsAdmin,
    request: HttpRequest,
    version: Version,
    forms: DraftForms,
    *,
    conflict: Conflict | None = None,
    status: int = 200,
) -> HttpResponse:
    media = of.media
    for form in (forms.draft, *forms.texts):
        media += form.media
    return _page(
        of,
        request,
        version,
        EDITOR,
        status=status,
        forms=forms,
        add_language=AddLanguageForm(request.GET),
        conflict=conflict,
        media=media,
    )


def _page(
    of: VersionsAdmin, request: HttpRequest, version: Version, template: str, *, status: int = 200, **values: Any
) -> HttpResponse:
    context = {
        **frame(of, request, version, str(version)),
        "desk": desk_of(request, version),
        **values,
    }
    return render(request, template, context, status=status)
