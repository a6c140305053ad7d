"""Notices: how far they have come, the verbs that steer them, each person's delivery, and one person's story."""

from typing import Any

from csp.decorators import csp
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from policies import clock
from policies.admin.desk.base import ReadOnlyAdmin, frame, may, number_in, user_of
from policies.admin.desk.mail_frame import MAIL_CSP
from policies.admin.desk.verb_page import WithVerbs
from policies.admin.notice import page as notice_page
from policies.admin.notice import verbs as notice_verbs
from policies.models import AuditEvent, Delivery, Notice
from policies.notices.queue import progress
from policies.notices.report import delivery_trail, export
from policies.notices.returns import mail_addresses
from policies.notices.write import messages
from policies.sign_in.showing_again import asking_again


def _export(_of: "NoticeAdmin", request: HttpRequest, notice: Notice) -> StreamingHttpResponse:
    """Every delivery as CSV or NDJSON: for those who may read evidence and say who they are, and recorded."""
    if not may(request, "view_evidence"):
        raise PermissionDenied
    return asking_again(_download)(request, notice=notice)


def _download(request: HttpRequest, *, notice: Notice) -> StreamingHttpResponse:
    form = "ndjson" if request.GET.get("form") == "ndjson" else "csv"
    AuditEvent.record(
        "notice.exported", version=notice.version, by=user_of(request), at=clock.now(), notice=notice.pk, form=form
    )
    lines = export.as_ndjson(notice) if form == "ndjson" else export.as_csv(notice)
    kind = "application/x-ndjson" if form == "ndjson" else "text/csv; charset=utf-8"
    response = StreamingHttpResponse(lines, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="notice-{notice.pk}.{form}"'
    return response


@csp(MAIL_CSP)  # type: ignore[arg-type]  # its annotation knows no view with arguments
@xframe_options_sameorigin
def _mail(_of: "NoticeAdmin", request: HttpRequest, notice: Notice, language: str) -> HttpResponse:
    """Serve the HTML part of the mail in one language, as it is sent."""
    _need(request, "view_notice")
    template = get_object_or_404(notice.templates.exclude(source=""), language=language)
    return HttpResponse(messages.shown(template))


@admin.register(Notice)
class NoticeAdmin(WithVerbs, ReadOnlyAdmin):
    """A notice is planned by itself; people watch, pause, resume and cancel it."""

    list_display = ("__str__", "stream", "state", "reached", "created_at")
    list_filter = ("state", "stream", "kind", "version__policy")
    list_select_related = ("version__policy",)
    ordering = ("-id",)
    verbs = {
        "pause": notice_verbs.pause,
        "resume": notice_verbs.resume,
        "cancel": notice_verbs.cancel,
        "correct": notice_verbs.correct,
        "send_again": notice_verbs.send_again,
        "pace": notice_verbs.pace,
        "send-to/<int:recipient>": notice_verbs.send_to,
    }
    pages = {"export": _export, "mail/<str:language>": _mail}

    def row(self, pk: int) -> Notice:
        return _notice(pk)

    def back_to(self, obj: Notice) -> str:
        return notice_page.url(obj)

    @admin.display(description=_("reached"))
    def reached(self, notice: Notice) -> str:
        counts = progress.counts(notice)
        return f"{counts.accepted:,} / {counts.total:,}"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        people = path("<int:pk>/people/", view(self.people), name="policies_notice_people")
        person = path("<int:pk>/people/<int:recipient>/", view(self.person), name="policies_notice_person")
        return [people, person, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """How far it has come."""
        notice = _notice(number_in(object_id))
        if not self.has_view_permission(request, notice):
            raise PermissionDenied
        page = notice_page.build(notice, at=clock.now(), may=lambda right: may(request, right))
        context = {**frame(self, request, notice, str(notice)), "page": page, "zone": notice.version.zone}
        return render(request, "admin/policies/notice/change_form.html", context)

    def people(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The deliveries, by state or by person. Addresses are for those who may read evidence."""
        notice = _notice(pk)
        _need(request, "view_delivery")
        page = notice_page.people(notice, request.GET)
        context = {
            **frame(self, request, notice, gettext("The notice, person by person")),
            "page": page,
            "back": notice_page.url(notice),
        }
        return render(request, "admin/policies/notice/people.html", context)

    def person(self, request: HttpRequest, pk: int, recipient: int) -> HttpResponse:
        """One person's story, made to be printed."""
        notice = _notice(pk)
        _need(request, "view_delivery")
        delivery = Delivery.objects.filter(pk=Delivery.key(pk, recipient, Delivery.Channel.MAIL)).first()
        if delivery is None:
            raise Http404
        delivery.notice = notice
        context = {
            **frame(self, request, notice, gettext("One person's story")),
            "story": delivery_trail.trail_of(delivery),
            "address": delivery.address if may(request, "view_evidence") else mail_addresses.masked(delivery.address),
            "text": notice.version.text_in(notice.version.policy.language),
            "zone": notice.version.zone,
            "now": clock.now(),
            "back": notice_page.url(notice),
        }
        return render(request, "admin/policies/notice/delivery_trail.html", context)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


def _notice(pk: int) -> Notice:
    return get_object_or_404(Notice.objects.select_related("version__policy"), pk=pk)


def _need(request: HttpRequest, permission: str) -> None:
    if not may(request, permission) and not may(request, "change_notice"):
        raise PermissionDenied
