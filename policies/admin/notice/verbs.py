"""The verbs that steer a notice: what each page says, and what its button does."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext, ngettext

from policies import clock, tasks
from policies.admin.desk.base import user_of
from policies.admin.desk.forms import CorrectionForm, PaceForm, ReasonForm
from policies.admin.desk.verb_page import Outcome, Verb, VerbPage
from policies.admin.notice import page as notice_page
from policies.models import Delivery, Notice, Person
from policies.notices.plan import steering
from policies.notices.queue import progress


def pause(request: HttpRequest, notice: Notice) -> Verb:
    """Stop sending for now."""

    def act(data: Mapping[str, Any]) -> Outcome:
        steering.pause(notice=notice, reason=data["reason"], by=user_of(request), at=clock.now())
        return Outcome(gettext("Paused. The mails on their way still arrive."), notice_page.url(notice))

    page = VerbPage(
        title=gettext("Pause this notice"),
        button=gettext("Pause"),
        permission="change_notice",
        is_binding=False,
        paragraphs=(gettext("Nobody is lost: whoever was not told yet keeps waiting until you resume."),),
        form_class=ReasonForm,
    )
    return Verb(page, act)


def resume(request: HttpRequest, notice: Notice) -> Verb:
    """Go on."""

    def act(_data: Mapping[str, Any]) -> Outcome:
        steering.resume(notice=notice, by=user_of(request), at=clock.now())
        tasks.ring()
        return Outcome(gettext("Resumed."), notice_page.url(notice))

    waiting = progress.counts(notice).waiting
    page = VerbPage(
        title=gettext("Resume this notice"),
        button=gettext("Resume"),
        permission="change_notice",
        is_binding=False,
        paragraphs=(
            notice.state_reason,
            ngettext("%(n)s person is waiting.", "%(n)s people are waiting.", waiting) % {"n": f"{waiting:,}"},
        ),
    )
    return Verb(page, act)


def pace(request: HttpRequest, notice: Notice) -> Verb:
    """Send it slower, or faster again."""

    def act(data: Mapping[str, Any]) -> Outcome:
        per_minute = data["per_minute"]
        steering.set_pace(notice=notice, per_minute=per_minute, by=user_of(request), at=clock.now())
        said = ngettext("At most %(n)s mail per minute now.", "At most %(n)s mails per minute now.", per_minute)
        return Outcome(said % {"n": f"{per_minute:,}"}, notice_page.url(notice))

    waiting = progress.counts(notice).waiting
    page = VerbPage(
        title=gettext("Change the pace of this notice"),
        button=gettext("Change the pace"),
        permission="change_notice",
        is_binding=False,
        paragraphs=(
            ngettext("%(n)s person is waiting.", "%(n)s people are waiting.", waiting) % {"n": f"{waiting:,}"},
            gettext("A slower notice asks less of your support and of the mail server. It ends later."),
        ),
        form_class=PaceForm,
        initial={"per_minute": notice.rate_per_minute},
    )
    return Verb(page, act)


def cancel(request: HttpRequest, notice: Notice) -> Verb:
    """End it for good."""

    def act(data: Mapping[str, Any]) -> Outcome:
        ended = steering.cancel(notice=notice, reason=data["reason"], by=user_of(request), at=clock.now())
        said = ngettext("Cancelled. %(n)d person was not told.", "Cancelled. %(n)d people were not told.", ended)
        return Outcome(said % {"n": ended}, notice_page.url(notice))

    page = VerbPage(
        title=gettext("Cancel this notice"),
        button=gettext("Cancel this notice for good"),
        permission="change_notice",
        is_binding=True,
        paragraphs=(
            gettext("Whoever waits will not be told by mail. The version itself stands: withdraw it separately."),
            gettext("Whoever was told already can be sent a correction afterwards."),
        ),
        is_grave=True,
        form_class=ReasonForm,
    )
    return Verb(page, act)


def correct(request: HttpRequest, notice: Notice) -> Verb:
    """Tell whoever was told that it was wrong."""

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
        is_binding=True,
        paragraphs=(
            ngettext("%(n)s person was told, or may have been.", "%(n)s people were told, or may have been.", told)
            % {"n": f"{told:,}"},
            gettext("They, and nobody else, get one mail with your words and the date as it stands now."),
        ),
        is_grave=True,
        form_class=CorrectionForm,
    )
    return Verb(page, act)


def send_to(request: HttpRequest, notice: Notice, recipient: int) -> Verb:
    """Send it once more to one person."""
    person = get_object_or_404(Person, pk=recipient)

    def act(_data: Mapping[str, Any]) -> Outcome:
        again = steering.send_to_one(notice=notice, person=person, by=user_of(request), at=clock.now())
        tasks.ring()
        return Outcome(gettext("It goes out once more, as a notice of its own."), notice_page.url(again))

    page = VerbPage(
        title=gettext("Send this notice once more to %(person)s") % {"person": person},
        button=gettext("Send it to this person"),
        permission="change_notice",
        is_binding=True,
        paragraphs=(
            gettext("One mail with the same words goes to the address on record now, and to nobody else."),
            gettext("What became of the first mail stays on record; this one is a delivery of its own."),
        ),
    )
    return Verb(page, act)


def send_again(request: HttpRequest, notice: Notice) -> Verb:
    """Send once more what may have gone out."""

    def act(_data: Mapping[str, Any]) -> Outcome:
        again = steering.send_again(notice=notice, by=user_of(request), at=clock.now())
        tasks.ring()
        return Outcome(gettext("%d are queued again.") % again, notice_page.url(notice))

    uncertain = progress.counts(notice).by_state.get(Delivery.State.UNCERTAIN, 0)
    page = VerbPage(
        title=gettext("Send the uncertain ones again"),
        button=gettext("Send again"),
        permission="change_notice",
        is_binding=True,
        paragraphs=(
            ngettext("%(n)s mail is uncertain.", "%(n)s mails are uncertain.", uncertain) % {"n": f"{uncertain:,}"},
            gettext("The server took these mails and never answered. Some people will get a second, equal copy."),
        ),
    )
    return Verb(page, act)
