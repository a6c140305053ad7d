"""Notices: how far they have come, the verbs that steer them, each person's delivery, and one person's story."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from policies import clock, tasks
from policies.admin import notice_page
from policies.admin.base import ReadOnlyAdmin, frame, may, number_in, user_of
from policies.admin.forms import CorrectionForm, PaceForm, ReasonForm
from policies.admin.verbs import Act, Outcome, VerbPage, confirm
from policies.models import AuditEvent, Delivery, Notice
from policies.notices import addresses, export, progress, steering, story


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """A notice is planned by itself; people watch, pause, resume and cancel it."""

    list_display = ("__str__", "stream", "kind", "state", "reached", "created_at")
    list_filter = ("state", "stream", "kind", "version__policy")
    list_select_related = ("version__policy",)
    ordering = ("-id",)
    verb_names = ("pause", "resume", "cancel", "correct", "send_again", "pace", "export")

    @admin.display(description=_("reached"))
    def reached(self, notice: Notice) -> str:
        counts = progress.counts(notice)
        return f"{counts.accepted:,} / {counts.total:,}"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        people = path("<int:pk>/people/", view(self.people), name="policies_notice_people")
        person = path("<int:pk>/people/<int:recipient>/", view(self.person), name="policies_notice_person")
        return [*self.verb_urls(*self.verb_names), people, person, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """How far it has come."""
        notice = _notice(number_in(object_id))
        if not self.has_view_permission(request, notice):
            raise PermissionDenied
        page = notice_page.build(notice, at=clock.now(), may=lambda right: may(request, right))
        context = {**frame(self, request, notice, str(notice)), "page": page, "zone": notice.version.policy.zone}
        return render(request, "admin/policies/notice/change_form.html", context)

    def people(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The deliveries, by state or by person. Addresses are for those who may read evidence."""
        notice = _notice(pk)
        _need(request, "view_delivery")
        page = notice_page.people(notice, request.GET)
        context = {
            **frame(self, request, notice, gettext("Each person")),
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
            "story": story.tell(delivery),
            "address": delivery.address if may(request, "view_evidence") else addresses.masked(delivery.address),
            "text": notice.version.text_in(notice.version.policy.language),
            "zone": notice.version.policy.zone,
            "now": clock.now(),
            "back": notice_page.url(notice),
        }
        return render(request, "admin/policies/notice/story.html", context)

    def pause(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop sending for now."""
        notice = _notice(pk)

        def act(data: Mapping[str, Any]) -> Outcome:
            steering.pause(notice=notice, reason=data["reason"], by=user_of(request), at=clock.now())
            return Outcome(gettext("Paused. The mails on their way still arrive."), notice_page.url(notice))

        page = VerbPage(
            title=gettext("Pause this notice"),
            button=gettext("Pause"),
            permission="change_notice",
            paragraphs=(gettext("Nobody is lost: whoever was not told yet keeps waiting until you resume."),),
            form_class=ReasonForm,
        )
        return self._confirm(request, notice, page, act)

    def resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Go on."""
        notice = _notice(pk)

        def act(_data: Mapping[str, Any]) -> Outcome:
            steering.resume(notice=notice, by=user_of(request), at=clock.now())
            tasks.ring()
            return Outcome(gettext("Resumed."), notice_page.url(notice))

        waiting = progress.counts(notice).waiting
        page = VerbPage(
            title=gettext("Resume this notice"),
            button=gettext("Resume"),
            permission="change_notice",
            paragraphs=(
                notice.state_reason,
                ngettext("%(n)s person is waiting.", "%(n)s people are waiting.", waiting) % {"n": f"{waiting:,}"},
            ),
        )
        return self._confirm(request, notice, page, act)

    def pace(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send it slower, or faster again."""
        notice = _notice(pk)

        def act(data: Mapping[str, Any]) -> Outcome:
            per_minute = data["per_minute"]
            steering.set_pace(notice=notice, per_minute=per_minute, by=user_of(request), at=clock.now())
            said = ngettext("At most %(n)s mail a minute now.", "At most %(n)s mails a minute now.", per_minute)
            return Outcome(said % {"n": f"{per_minute:,}"}, notice_page.url(notice))

        waiting = progress.counts(notice).waiting
        page = VerbPage(
            title=gettext("Change the pace of this notice"),
            button=gettext("Change the pace"),
            permission="change_notice",
            paragraphs=(
                ngettext("%(n)s person is waiting.", "%(n)s people are waiting.", waiting) % {"n": f"{waiting:,}"},
                gettext("A slower notice asks less of your support and of the mail server. It ends later."),
            ),
            form_class=PaceForm,
            initial={"per_minute": notice.rate_per_minute},
        )
        return self._confirm(request, notice, page, act)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End it for good."""
        notice = _notice(pk)

        def act(data: Mapping[str, Any]) -> Outcome:
            ended = steering.cancel(notice=notice, reason=data["reason"], by=user_of(request), at=clock.now())
            said = ngettext("Cancelled. %(n)d person was not told.", "Cancelled. %(n)d people were not told.", ended)
            return Outcome(said % {"n": ended}, notice_page.url(notice))

        page = VerbPage(
            title=gettext("Cancel this notice"),
            button=gettext("Cancel this notice for good"),
            permission="change_notice",
            paragraphs=(
                gettext("Whoever waits will not be told by mail. The version itself stands: withdraw it separately."),
                gettext("Whoever was told already can be sent a correction afterwards."),
            ),
            is_grave=True,
            form_class=ReasonForm,
        )
        return self._confirm(request, notice, page, act)

    def correct(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Tell whoever was told that it was wrong."""
        notice = _notice(pk)

        def act(data: Mapping[str, Any]) -> Outcome:
            words = data["words"]
            correction = steering.correct(notice=notice, words=words, by=user_of(request), at=clock.now())
            tasks.ring()
            return Outcome(gettext("The correction is on its way."), notice_page.url(correction))

        counts = progress.counts(notice)
        told = counts.accepted + counts.by_state.get(Delivery.State.UNCERTAIN, 0)
        page = VerbPage(
            title=gettext("Send a correction"),
            button=gettext("Send the correction"),
            permission="change_notice",
            paragraphs=(
                ngettext("%(n)s person was told, or may have been.", "%(n)s people were told, or may have been.", told)
                % {"n": f"{told:,}"},
                gettext("They, and nobody else, get one mail with your words and the date as it stands now."),
            ),
            is_grave=True,
            form_class=CorrectionForm,
        )
        return self._confirm(request, notice, page, act)

    def export(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """Every delivery as CSV or NDJSON: for those who may read evidence, and recorded."""
        notice = _notice(pk)
        if not may(request, "view_evidence"):
            raise PermissionDenied
        form = "ndjson" if request.GET.get("form") == "ndjson" else "csv"
        AuditEvent.record(
            "notice.exported", version=notice.version, by=user_of(request), at=clock.now(), notice=pk, form=form
        )
        lines = export.as_ndjson(notice) if form == "ndjson" else export.as_csv(notice)
        kind = "application/x-ndjson" if form == "ndjson" else "text/csv; charset=utf-8"
        response = StreamingHttpResponse(lines, content_type=kind)
        response.headers["Content-Disposition"] = f'attachment; filename="notice-{pk}.{form}"'
        return response

    def send_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send once more what may have gone out."""
        notice = _notice(pk)

        def act(_data: Mapping[str, Any]) -> Outcome:
            again = steering.send_again(notice=notice, by=user_of(request), at=clock.now())
            tasks.ring()
            return Outcome(gettext("%d are queued again.") % again, notice_page.url(notice))

        uncertain = progress.counts(notice).by_state.get(Delivery.State.UNCERTAIN, 0)
        page = VerbPage(
            title=gettext("Send the uncertain ones again"),
            button=gettext("Send again"),
            permission="change_notice",
            paragraphs=(
                ngettext("%(n)s mail is uncertain.", "%(n)s mails are uncertain.", uncertain) % {"n": f"{uncertain:,}"},
                gettext("The server took these mails and never answered. Some people will get a second, equal copy."),
            ),
        )
        return self._confirm(request, notice, page, act)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def _confirm(self, request: HttpRequest, notice: Notice, page: VerbPage, act: Act) -> HttpResponse:
        return confirm(request, page=page, of=self, obj=notice, act=act, back=notice_page.url(notice))


def _notice(pk: int) -> Notice:
    return get_object_or_404(Notice.objects.select_related("version__policy"), pk=pk)


def _need(request: HttpRequest, permission: str) -> None:
    if not may(request, permission) and not may(request, "change_notice"):
        raise PermissionDenied
