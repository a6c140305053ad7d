"""Recording an answer: the act, whose it was, their standing and the ledger's leaf in one transaction."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from policies import ledger
from policies.acceptance import answer_checks
from policies.acceptance.demands import lapses_at
from policies.acceptance.outstanding import answerable, is_bound
from policies.models import Act, ActSubject, BoundRendering, GateEpoch, Person, Policy, Screen, Standing, Version
from policies.webhooks import outbox

UNDO_PERIOD = timedelta(hours=24)

NEW_STANDING = """
    INSERT INTO policies_standing (person_id, policy_id, agreed_number, declined_number, waived_number)
    VALUES (%s, %s, 0, 0, 0) ON CONFLICT DO NOTHING RETURNING id
"""


class Refused(Exception):
    """An answer that cannot be recorded; `code` names the reason for programs."""

    code = "refused"


class NotOpen(Refused):
    """The version is a draft, was withdrawn, or is not one of this policy's."""

    code = "not-open"


class NotTheirs(Refused):
    """The policy does not bind this person, or the act is somebody else's."""

    code = "not-theirs"


class StaleScreen(Refused):
    """What was on the screen is not what the version says."""

    code = "stale-render"

    def __init__(self) -> None:
        super().__init__(_("This page is not, or no longer, what the version says. Read it again, then answer."))


class Superseded(Refused):
    """A newer version has to be answered; `current` is that one."""

    code = "version-superseded"

    def __init__(self, current: Version) -> None:
        super().__init__(_("A newer version was published. Nothing was recorded."))
        self.current = current


class AlreadyAgreed(Refused):
    """The person has agreed to this version or a later one; `act` is that agreement, where it is on record."""

    code = "already-accepted"

    def __init__(self, act: Act | None, *, is_decline: bool = False) -> None:
        words = _("You have accepted this version already.")
        if is_decline:
            words = _(
                "You accepted this version meanwhile, perhaps in another window: your decline was not recorded."
                " Undo the acceptance on its receipt, then decline."
            )
        super().__init__(words)
        self.act, self.is_decline = act, is_decline


class TooLate(Refused):
    """The time for undoing is over."""

    code = "too-late"


@dataclass(frozen=True)
class Showing:
    """What was on the screen when the person answered."""

    language: str
    text_sha256: str
    manifest_sha256: str
    wording: str = ""
    locale: str = ""
    render_id: str = ""
    displayed_at: datetime | None = None
    screen: Screen | None = None
    compared_with: Version | None = None
    rendering: BoundRendering | None = None


@dataclass(frozen=True)
class Answer:
    """One of several answers on a screen; left open, it is "displayed"."""

    kind: Act.Kind
    version: Version
    showing: Showing


@dataclass(frozen=True)
class Circumstances:
    """How an answer came in. The address of the network and the user agent go to the row that can be deleted."""

    method: Act.Method
    strength: Act.Strength
    source: str = ""
    client_time: str = ""
    gpc: bool | None = None
    network_address: str | None = None
    user_agent: str = ""
    acted_by: Person | None = None
    remark: str = ""

    @property
    def on_behalf(self) -> bool:
        """Whether somebody else answered for the person: a guardian, or a desk that says by what right."""
        return self.acted_by is not None or bool(self.remark)


@transaction.atomic(durable=True)
def accept(*, person: Person, version: Version, showing: Showing, how: Circumstances, at: datetime) -> Act:
    """
    Record that `person` agrees to `version`. The same screen sent twice is one act.

    :raises NotOpen: for a draft or a withdrawn version
    :raises NotTheirs: if the policy does not bind this person
    :raises StaleScreen: if the screen showed other words than the version's
    :raises Superseded: if a newer version has to be answered
    :raises AlreadyAgreed: if this version or a later one has been agreed to
    """
    return _answer(Act.Kind.AGREED, person=person, version=version, showing=showing, how=how, at=at)


@transaction.atomic(durable=True)
def decline(*, person: Person, version: Version, showing: Showing, how: Circumstances, at: datetime) -> Act:
    """
    Record that `person` declines `version`. The question stays; what stops and how to leave is shown instead.

    :raises: as `accept`
    """
    return _answer(Act.Kind.DECLINED, person=person, version=version, showing=showing, how=how, at=at)


@transaction.atomic
def answer_within(
    kind: Act.Kind, *, person: Person, version: Version, showing: Showing, how: Circumstances, at: datetime
) -> Act:
    """
    Record an answer in the transaction of a verb that records more than that.

    :raises: as `accept`
    """
    return _answer(kind, person=person, version=version, showing=showing, how=how, at=at)


@transaction.atomic(durable=True)
def answer_batch(*, person: Person, answers: Sequence[Answer], how: Circumstances, at: datetime) -> list[Act]:
    """
    Record the answers of one screen about several policies: all of them or none, each an act of its own.

    What was agreed to meanwhile, in another tab, stands as it is, and is declined by no other screen.

    :raises: as `accept`; then nothing at all was recorded
    """
    # In one order for everybody, so that two screens sent together never wait for each other.
    ordered = sorted(answers, key=lambda answer: answer.version.policy_id)
    return [act for answer in ordered if (act := _recorded(answer, person=person, how=how, at=at))]


@transaction.atomic(durable=True)
def note_displayed(*, person: Person, version: Version, showing: Showing, how: Circumstances, at: datetime) -> Act:
    """
    Record that `version` was shown and that `person` chose to decide later.

    :raises: NotOpen, NotTheirs, StaleScreen as `accept`
    """
    return _displayed(person=person, version=version, showing=showing, how=how, at=at)


@transaction.atomic(durable=True)
def withdraw(*, act: Act, person: Person, how: Circumstances, at: datetime) -> Act:
    """
    Undo an answer within 24 hours; an optional consent at any time. The question is open again.

    :raises NotTheirs: if it is somebody else's act
    :raises TooLate: after the period, or when a later answer replaced this one
    """
    if not ActSubject.objects.filter(subject_ref=act.subject_ref, person=person).exists():
        raise NotTheirs(_("This answer is not yours."))
    policy = act.version.policy
    standing = locked_standing(person, policy)
    undone = Act.objects.filter(undoes=act).first()
    if undone is not None:
        return undone
    if not can_undo(act, at):
        raise TooLate(_("An answer can be undone for 24 hours. Write to the policy’s contact instead."))
    showing = Showing(
        language=act.language, text_sha256=act.text_sha256, manifest_sha256=act.manifest_sha256, locale=act.locale
    )
    withdrawal = record_act(
        Act.Kind.WITHDRAWN, person=person, version=act.version, showing=showing, how=how, at=at, undoes=act
    )
    rebuild_standing(standing)
    end_every_watermark()
    return withdrawal


def can_undo(act: Act, at: datetime) -> bool:
    """Whether whoever answered can still undo `act` at `at`. A waiver is the desk's to end."""
    if act.kind not in {Act.Kind.AGREED, Act.Kind.DECLINED}:
        return False
    return act.version.policy.is_optional or at < act.at + UNDO_PERIOD


def rebuild_standing(standing: Standing) -> None:
    """Make a person's standing anew from their acts, the only record."""
    acts = Act.objects.of(standing.person).filter(version__policy=standing.policy).standing()
    agreed = acts.filter(kind=Act.Kind.AGREED).order_by("-version__number", "-id").select_related("version").first()
    declined = acts.filter(kind=Act.Kind.DECLINED).order_by("-version__number", "-id").select_related("version").first()
    standing.agreed_number, standing.agreed_at = (_number(agreed.version), agreed.at) if agreed else (0, None)
    standing.declined_number, standing.declined_at = (_number(declined.version), declined.at) if declined else (0, None)
    waived = acts.filter(kind=Act.Kind.WAIVED).order_by("-version__number").select_related("version").first()
    standing.waived_number = _number(waived.version) if waived else 0
    standing.save(update_fields=["agreed_number", "agreed_at", "declined_number", "declined_at", "waived_number"])


def _recorded(answer: Answer, *, person: Person, how: Circumstances, at: datetime) -> Act | None:
    version, showing = answer.version, answer.showing
    if answer.kind == Act.Kind.DISPLAYED:
        return _displayed(person=person, version=version, showing=showing, how=how, at=at)
    try:
        return _answer(answer.kind, person=person, version=version, showing=showing, how=how, at=at)
    except AlreadyAgreed as refusal:
        if refusal.is_decline:
            raise
        return refusal.act


def _displayed(*, person: Person, version: Version, showing: Showing, how: Circumstances, at: datetime) -> Act:
    _refuse_closed(person, version, at)
    found = _look(Act.Kind.DISPLAYED, version=version, showing=showing, at=at)
    if found.act_id is not None:
        return Act.objects.get(pk=found.act_id)
    kind, is_heard = Act.Kind.DISPLAYED, found.is_heard
    return record_act(kind, person=person, version=version, showing=showing, how=how, at=at, is_heard=is_heard)


def _answer(
    kind: Act.Kind, *, person: Person, version: Version, showing: Showing, how: Circumstances, at: datetime
) -> Act:
    _refuse_others(person, how)
    _refuse_closed(person, version, at)
    standing = locked_standing(person, version.policy)
    found = _look(kind, version=version, showing=showing, at=at)
    if found.act_id is not None:
        return Act.objects.get(pk=found.act_id)
    if found.is_overtaken:
        _refuse_overtaken(version, at)
    question_lapsed = standing.agreed_at is not None and _has_lapsed(version.policy, standing.agreed_at, at)
    is_settled = standing.agreed_number == _number(version) and not question_lapsed
    if is_settled or standing.agreed_number > _number(version):
        raise AlreadyAgreed(_agreement(person, version.policy), is_decline=kind == Act.Kind.DECLINED)
    act = record_act(kind, person=person, version=version, showing=showing, how=how, at=at, is_heard=found.is_heard)
    if getattr(standing, f"{kind.value}_number") <= _number(version):  # the highest number is kept, whatever came last
        kept = {f"{kind.value}_number": _number(version), f"{kind.value}_at": at}
        for name, value in kept.items():
            setattr(standing, name, value)
        standing.save(update_fields=list(kept))
    return act


def _refuse_others(person: Person, how: Circumstances) -> None:
    """A minor's guardian answers, and nobody else's does; a program says by what right in its remark."""
    if how.acted_by is not None and how.acted_by.pk != person.guardian_id:
        raise NotTheirs(_("You are not the guardian of this person."))
    if person.guardian_id and not how.on_behalf:
        raise NotTheirs(_("A guardian answers for this person."))


def _refuse_closed(person: Person, version: Version, at: datetime) -> None:
    if version.published_at is None or version.published_at > at or version.withdrawn_at is not None:
        raise NotOpen(_("This version cannot be answered: it is not published, or it was withdrawn."))
    if version.policy.retired_at:
        raise NotOpen(_("This policy is retired: it asks nobody any more."))
    if not is_bound(person, at) or not version.policy.is_for(person.audiences):
        raise NotTheirs(_("This policy does not ask you."))


def _look(kind: Act.Kind, *, version: Version, showing: Showing, at: datetime) -> answer_checks.Found:
    """
    What stands now.

    :raises StaleScreen: if the version does not say what was on the screen
    """
    render_id, language = showing.render_id, showing.language
    found = answer_checks.look(version=version, language=language, kind=kind.value, render_id=render_id, at=at)
    if (showing.manifest_sha256, showing.text_sha256) != (version.manifest_sha256, found.text_sha256):
        raise StaleScreen
    if showing.displayed_at and version.published_at and showing.displayed_at < version.published_at:
        raise NotOpen(_("This version was published later than it is said to have been shown."))
    return found


def _refuse_overtaken(version: Version, at: datetime) -> None:
    """A newer version overtakes this one, unless it binds today: then it can be answered while another is announced."""
    open_to_answer = answerable(policy=version.policy, at=at)
    if version in open_to_answer:
        return
    newer = [each for each in open_to_answer if each.label > version.label]
    if newer:
        raise Superseded(newer[0])


def record_act(
    kind: Act.Kind,
    *,
    person: Person,
    version: Version,
    showing: Showing,
    how: Circumstances,
    at: datetime,
    undoes: Act | None = None,
    is_heard: bool = True,
) -> Act:
    """
    Write an act, whose it was and its leaf; belongs in the transaction that changes the person's standing.

    `is_heard`: False where this transaction saw that no webhook is on; otherwise they are asked here.
    """
    act = Act.objects.create(
        kind=kind,
        version=version,
        language=showing.language,
        text_sha256=showing.text_sha256,
        manifest_sha256=showing.manifest_sha256,
        undoes=undoes,
        compared_with=showing.compared_with,
        rendering=showing.rendering,
        on_behalf=how.on_behalf,
        imported=how.method == Act.Method.IMPORT,
        method=how.method,
        strength=how.strength,
        source=how.source,
        screen=showing.screen,
        wording=showing.wording,
        locale=showing.locale,
        render_id=showing.render_id,
        client_time=how.client_time,
        gpc=how.gpc,
        displayed_at=showing.displayed_at,
        at=at,
    )
    subject = ActSubject.objects.create(
        subject_ref=act.subject_ref,
        person=person,
        salt=secrets.token_bytes(32),
        network_address=how.network_address,
        user_agent=how.user_agent[:300],
        acted_by=how.acted_by,
        remark=how.remark,
        receipt_due_at=at if person.address and kind != Act.Kind.DISPLAYED else None,
    )
    ledger.append_act(act=act, subject=subject, at=at)
    if is_heard:
        outbox.act_recorded(act, person, at=at)
    return act


def locked_standing(person: Person, policy: Policy) -> Standing:
    """Hold this person's standing: of two answers that come together, the second sees the first."""
    standings = Standing.objects.select_for_update().filter(person=person, policy=policy)
    found = standings.first()
    if found is None:
        # Whoever makes it holds it; whoever comes second waits here, makes none and finds it.
        with connection.cursor() as cursor:
            cursor.execute(NEW_STANDING, [person.pk, policy.pk])
            made = cursor.fetchone()
        found = Standing(pk=made[0], person=person, policy=policy) if made else standings.get()
    return found


def _agreement(person: Person, policy: Policy) -> Act | None:
    agreed = Act.objects.of(person).standing().filter(kind=Act.Kind.AGREED, version__policy=policy)
    return agreed.order_by("-version__number", "-id").first()


def _has_lapsed(policy: Policy, agreed_at: datetime, at: datetime) -> bool:
    lapse = lapses_at(policy.renewal_months, agreed_at)
    return lapse is not None and lapse <= at


def end_every_watermark() -> None:
    """Make every session look once again: something that counted counts no more."""
    GateEpoch.objects.get_or_create(pk=1)
    GateEpoch.objects.filter(pk=1).update(number=F("number") + 1)


def _number(version: Version) -> int:
    if version.number is None:
        raise NotOpen(_("This version cannot be answered: it is not published, or it was withdrawn."))
    return version.number
