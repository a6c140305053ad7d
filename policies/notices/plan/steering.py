"""Pause, resume, cancel and correct a notice; send again what is uncertain, by decision."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from policies.models import AuditEvent, DeliverabilityCheck, Delivery, Notice, Person, User, Version
from policies.notices.queue import claims

State = Notice.State
# Not over.
RUNNING = (State.PLANNED, State.SENDING, State.PAUSED)
# For so long a correction is tried.
CORRECTION_PERIOD = timedelta(hours=72)


class NotRunning(Exception):
    """Only a notice that is being sent can be paused, and only one that is not over can be cancelled."""


class NotPaused(Exception):
    """Only a paused notice can be resumed."""


class NotOver(Exception):
    """A correction goes to those who were told, and says how it stands once nothing else goes out."""


class NoLongerHolds(Exception):
    """What the notice announces was withdrawn, or got another date: another mail says so."""


class TooLate(Exception):
    """What is sent after a notice's last day is ended at once."""


def canary(*, version: Version, kind: str) -> int | None:
    """After how many mails a notice shall wait: as was chosen on publishing, else as the deployment is set."""
    chosen = None
    if kind == Notice.Kind.CHANGE:
        published = version.audit_events.filter(verb="version.published").first()
        chosen = published.data.get("canary") if published else None
    return (settings.NOTICE_CANARY if chosen is None else int(chosen)) or None


@transaction.atomic
def pause(*, notice: Notice, reason: str, by: User | None, at: datetime) -> None:
    """
    Stop sending after the mails that are on their way. Nothing is lost: everybody else keeps waiting.

    :raises NotRunning: if it is not being sent
    """
    if not Notice.objects.filter(pk=notice.pk, state=State.SENDING).update(
        state=State.PAUSED, state_reason=reason[:300]
    ):
        raise NotRunning(_("Only a notice that is being sent can be paused."))
    AuditEvent.record("notice.paused", version=notice.version, by=by, at=at, notice=notice.pk, reason=reason)


@transaction.atomic
def resume(*, notice: Notice, by: User, at: datetime) -> None:
    """
    Go on where it stopped. A canary's hold is lifted: whoever resumes has looked.

    :raises NotPaused: if it is not paused
    :raises NoLongerHolds: if the version was withdrawn or got another date since
    """
    _refuse_overtaken(notice)
    resumed = Notice.objects.filter(pk=notice.pk, state=State.PAUSED).update(
        state=State.SENDING, state_reason="", hold_after=None, resumed_at=at
    )
    if not resumed:
        raise NotPaused(_("Only a paused notice can be resumed."))
    AuditEvent.record("notice.resumed", version=notice.version, by=by, at=at, notice=notice.pk)


@transaction.atomic
def set_pace(*, notice: Notice, per_minute: int, by: User, at: datetime) -> None:
    """
    Send so many mails a minute from now on. The pace of the mail server, which all notices share, stays above it.

    :raises NotRunning: if it is over
    """
    if not Notice.objects.filter(pk=notice.pk, state__in=RUNNING).update(rate_per_minute=per_minute):
        raise NotRunning(_("This notice is over."))
    AuditEvent.record(
        "notice.paced", version=notice.version, by=by, at=at, notice=notice.pk, mails_per_minute=per_minute
    )


@transaction.atomic
def cancel(*, notice: Notice, reason: str, by: User, at: datetime) -> int:
    """
    End a notice for good; return how many were not told. Those who were can be sent a correction (`correct`).

    :raises NotRunning: if it is over
    """
    if not Notice.objects.filter(pk=notice.pk, state__in=RUNNING).update(
        state=State.CANCELLED, state_reason=reason[:300], finished_at=at
    ):
        raise NotRunning(_("This notice is over."))
    ended = claims.end_queued(notice=notice, state=Delivery.State.CANCELLED, reason=Delivery.Reason.CANCELLED, at=at)
    AuditEvent.record("notice.cancelled", version=notice.version, by=by, at=at, notice=notice.pk, reason=reason)
    return ended


@transaction.atomic
def supersede(*, notice: Notice, reason: str, at: datetime) -> None:
    """End what still waits of an announcement that no longer holds. Done ones stay as they are."""
    if notice.state in RUNNING:
        Notice.objects.filter(pk=notice.pk).exclude(state=State.DONE).update(
            state=State.CANCELLED, state_reason=reason, finished_at=at
        )
        AuditEvent.record("notice.superseded", version=notice.version, by=None, at=at, notice=notice.pk)
    claims.end_queued(notice=notice, state=Delivery.State.CANCELLED, reason=Delivery.Reason.CANCELLED, at=at)


@transaction.atomic
def correct(*, notice: Notice, words: str, by: User, at: datetime) -> Notice:
    """
    Send a correction to everybody who got, or may have got, mails of this version and stream.

    :raises NotOver: if the notice still goes out, or told nobody
    """
    if Notice.objects.filter(pk=notice.pk, state__in=RUNNING).exists():
        raise NotOver(_("This notice still goes out. Cancel it first, then correct it."))
    told = [Delivery.State.ACCEPTED, Delivery.State.UNCERTAIN]
    if not Delivery.objects.filter(notice=notice, state__in=told).exists():
        raise NotOver(_("This notice told nobody: there is nothing to correct."))
    correction, is_new = Notice.objects.get_or_create(
        version=notice.version,
        stream=notice.stream,
        kind=Notice.Kind.CORRECTION,
        occasion=notice.pk,
        defaults={
            "remark": words,
            "rate_per_minute": notice.rate_per_minute,
            "deliver_by": at + CORRECTION_PERIOD,
            "deliverability": DeliverabilityCheck.known(),
            "created_at": at,
            "frozen_at": at,
        },
    )
    if is_new:
        AuditEvent.record("notice.corrected", version=notice.version, by=by, at=at, notice=correction.pk)
    return correction


@transaction.atomic
def send_to_one(*, notice: Notice, person: Person, by: User, at: datetime) -> Notice:
    """
    Send what a notice announced once more to one person, by a notice of its own. What became of the first mail stays.

    :raises NotRunning: if it is no legal notice of a version that stands, was sent to them once more already, or their
        mail is still on its way
    """
    version = notice.version
    if notice.stream != Notice.Stream.LEGAL or version.withdrawn_at or notice.state == State.CANCELLED:
        raise NotRunning(_("Only a notice to people about a version that stands can be sent once more."))
    first = Delivery.objects.filter(pk=Delivery.key(notice.pk, person.pk, Delivery.Channel.MAIL)).first()
    if first is None or not first.is_final:
        raise NotRunning(_("The mail to this person is still on its way: look what becomes of it first."))
    again, is_new = Notice.objects.get_or_create(
        version=version,
        stream=notice.stream,
        kind=Notice.Kind.AGAIN,
        occasion=person.pk,
        defaults={
            "effective_at": version.effective_at,
            "rate_per_minute": notice.rate_per_minute,
            "deliver_by": at + CORRECTION_PERIOD,
            "deliverability": DeliverabilityCheck.known(),
            "created_at": at,
            "frozen_at": at,
        },
    )
    if not is_new:
        raise NotRunning(
            _("It was sent to this person once more already: write to them yourself, or mend the address.")
        )
    AuditEvent.record("notice.sent_to_one", version=version, by=by, at=at, notice=again.pk, person=person.pk)
    return again


def end_leftovers(*, notice: Notice, at: datetime) -> int:
    """End what a worker gave back after its notice was cancelled."""
    if not Delivery.objects.filter(notice=notice, state=Delivery.State.QUEUED).exists():
        return 0
    return claims.end_queued(notice=notice, state=Delivery.State.CANCELLED, reason=Delivery.Reason.CANCELLED, at=at)


@transaction.atomic
def send_again(*, notice: Notice, by: User, at: datetime) -> int:
    """
    Queue once more whoever's mail is uncertain: a person's decision to risk a second copy. Return how many.

    :raises NotRunning: if the notice was cancelled
    :raises TooLate: if its time is over
    :raises NoLongerHolds: if the version was withdrawn or got another date since
    """
    _refuse_overtaken(notice)
    if notice.state == State.CANCELLED:
        raise NotRunning(_("This notice was cancelled: it sends nothing more. Send a correction instead."))
    if notice.deliver_by and notice.deliver_by <= at:
        raise TooLate(_("The time of this notice is over. They are shown the prominent notice instead."))
    uncertain = Delivery.objects.filter(notice=notice, state=Delivery.State.UNCERTAIN)
    again = uncertain.update(state=Delivery.State.QUEUED, next_attempt_at=at, finished_at=None)
    if again:
        claims.tally(notice=notice, states={Delivery.State.UNCERTAIN: -again}, at=at)
        Notice.objects.filter(pk=notice.pk, state=State.DONE).update(state=State.SENDING, finished_at=None)
        AuditEvent.record("notice.sent_again", version=notice.version, by=by, at=at, notice=notice.pk, count=again)
    return again


def no_longer_holds(notice: Notice) -> bool:
    """Whether what it announces was withdrawn or moved since. A withdrawal and a correction stand whatever comes."""
    return bool(_overtaken_by(notice))


def _refuse_overtaken(notice: Notice) -> None:
    if why := _overtaken_by(notice):
        raise NoLongerHolds(why)


def _overtaken_by(notice: Notice) -> str:
    if notice.kind in {Notice.Kind.WITHDRAWN, Notice.Kind.CORRECTION}:
        return ""
    if Version.objects.filter(pk=notice.version_id, withdrawn_at__isnull=False).exists():
        return _("The version was withdrawn since: what this notice says no longer holds. Another mail says so.")
    named = notice.effective_at
    if named and not Version.objects.filter(pk=notice.version_id, effective_at=named).exists():
        return _("The version got another date since: what this notice says no longer holds. Another mail says so.")
    return ""
