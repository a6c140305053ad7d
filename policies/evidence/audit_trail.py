"""What a person was told, was shown and answered, as pages and receipts show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from policies import acceptance, account_mail, ledger
from policies.acceptance import continued_use
from policies.acceptance.continued_use import Deemed
from policies.acceptance.demands import lapses_at
from policies.models import Act, ActSubject, Delivery, LedgerLeaf, Notice, NoticeSeen, Person, Policy, Version

Basis = Literal["agreed", "expired", "waived", "deemed", "published"]


@dataclass(frozen=True)
class Entry:
    """One line of a person's story: what happened (`kind`), when, about which version, and the act behind it."""

    at: datetime
    kind: str
    version: Version
    act: Act | None = None
    subject: ActSubject | None = None
    detail: str = ""


@dataclass(frozen=True)
class Agreement:
    """Where a person stands with one policy: what is in force, what they agreed to last, and what else there is."""

    policy: Policy
    in_force: Version | None
    agreed: Version | None
    act: Act | None
    lapsed_at: datetime | None
    waived: Version | None
    deemed: Deemed | None


@dataclass(frozen=True)
class Applied:
    """
    What applied to a person at an instant: the version in force, what they had agreed to, when they were told.

    `announced` is the newest version that stood on the public page then, in force or not.

    `lapsed_at` is when that agreement had to be given again, `waived` what the desk had let them off, `deemed` what
    the text makes of their going on using the service: derived, with its grounds.
    """

    policy: Policy
    in_force: Version | None
    announced: Version | None
    agreed: Version | None
    agreed_at: datetime | None
    told_at: datetime | None
    lapsed_at: datetime | None
    waived: Version | None
    deemed: Deemed | None

    @property
    def basis(self) -> Basis:
        """`agreed` only where they agreed to the version in force or a later one; continued use is never counted so."""
        if self._reaches(self.agreed):
            return "expired" if self.lapsed_at else "agreed"
        if self._reaches(self.waived):
            return "waived"
        return "deemed" if self.deemed else "published"

    def _reaches(self, answered: Version | None) -> bool:
        in_force = self.in_force
        return bool(answered and in_force and (answered.number or 0) >= (in_force.number or 0))


@dataclass(frozen=True)
class Receipt:
    """
    An answer as its giver can keep it.

    `record` is what the ledger's leaf binds; `remark` says by what right it was given for somebody else.
    """

    person: Person
    act: Act
    title: str
    remark: str
    record: dict[str, object]
    address_changed: str
    leaf: LedgerLeaf | None
    undone_by: Act | None
    can_undo: bool

    @property
    def undo_until(self) -> datetime:
        return self.act.at + acceptance.UNDO_PERIOD

    @property
    def is_sealed(self) -> bool:
        return self.leaf is not None and self.leaf.leaf_index is not None

    @property
    def leaf_sha256(self) -> str:
        return bytes(self.leaf.leaf_hash).hex() if self.leaf else ""


def answers_of(person: Person) -> list[Act]:
    """Everything `person` answered, the newest first, with the texts' versions."""
    answered = Act.objects.of(person).exclude(kind=Act.Kind.DISPLAYED)
    return list(answered.select_related("version__policy", "screen", "undoes").order_by("-id"))


def latest_answer(person: Person, policy: Policy | None = None) -> Act | None:
    """The newest answer that stands, about one policy or any."""
    acts = Act.objects.of(person).standing().filter(kind__in=[Act.Kind.AGREED, Act.Kind.DECLINED])
    if policy:
        acts = acts.filter(version__policy=policy)
    return acts.select_related("version__policy").order_by("-id").first()


def agreements_of(*, person: Person, at: datetime) -> list[Agreement]:
    """Every policy that binds `person` at `at` and has something in force or agreed to, by title."""
    acts = {act.version.policy_id: act for act in _agreed(person)}
    return [
        Agreement(
            policy=applied.policy,
            in_force=applied.in_force,
            agreed=applied.agreed,
            act=acts.get(applied.policy.pk),
            lapsed_at=applied.lapsed_at,
            waived=applied.waived,
            deemed=applied.deemed,
        )
        for applied in applied_at(person=person, at=at)
        if applied.policy.has_accounts and (applied.in_force or applied.agreed)
    ]


def _agreed(person: Person) -> list[Act]:
    acts = Act.objects.of(person).standing().filter(kind=Act.Kind.AGREED).select_related("version__policy")
    return list(acts.order_by("version__number", "version__correction", "id"))


def applied_at(*, person: Person, at: datetime) -> list[Applied]:
    """What applied to `person` at `at`, per policy that binds them: acts and notices after `at` play no part."""
    policies = Policy.objects.shown(at).are_for(person.audiences)
    in_force = {version.policy_id: version for version in Version.objects.in_force(at).filter(policy__in=policies)}
    announced = announced_at(at)
    acts = (
        Act.objects.of(person)
        .filter(at__lte=at)
        .select_related("version__policy")
        .order_by("version__number", "version__correction", "id")
    )
    undone = set(acts.filter(undoes__isnull=False).values_list("undoes", flat=True))
    standing = [act for act in acts if act.pk not in undone]
    agreed = {act.version.policy_id: act for act in standing if act.kind == Act.Kind.AGREED}
    waived = {act.version.policy_id: act.version for act in standing if act.kind == Act.Kind.WAIVED}
    told = {entry.version.pk: entry.at for entry in _told(person) if entry.at <= at}
    return [
        Applied(
            policy=policy,
            in_force=in_force.get(policy.pk),
            announced=announced.get(policy.pk),
            agreed=agreed[policy.pk].version if policy.pk in agreed else None,
            agreed_at=agreed[policy.pk].at if policy.pk in agreed else None,
            told_at=told.get(in_force[policy.pk].pk) if policy.pk in in_force else None,
            lapsed_at=_lapsed(policy, agreed.get(policy.pk), at),
            waived=waived.get(policy.pk),
            deemed=continued_use.deemed(person=person, version=in_force[policy.pk], at=at)
            if policy.pk in in_force
            else None,
        )
        for policy in policies
    ]


def _lapsed(policy: Policy, agreed: Act | None, at: datetime) -> datetime | None:
    lapse = lapses_at(policy.renewal_months, agreed.at) if agreed else None
    return lapse if lapse and lapse <= at else None


def announced_at(at: datetime) -> dict[int, Version]:
    """The newest version that stood on each policy's public page at `at`, by policy: withdrawn later or not."""
    stood = Version.objects.visible(at).exclude(withdrawn_at__lte=at)
    return {
        version.policy_id: version for version in stood.defer("manifest", "proposal").order_by("number", "correction")
    }


def export_of(*, person: Person, at: datetime) -> dict[str, object]:
    """Everything on record about `person`, as JSON."""
    return {
        "made_at": ledger.instant(at),
        "person": {
            "external_id": person.external_id,
            "name": person.name,
            "address": person.address,
            "language": person.language,
            "joined_at": ledger.instant(person.joined_at),
            "left_at": ledger.instant(person.closed_at) if person.closed_at else None,
        },
        "story": [_exported(entry) for entry in trail_of(person)],
        "use": [
            {
                "policy": seen.version.policy.slug,
                "version": seen.version.number,
                "first_on": seen.first_on.isoformat(),
                "last_on": seen.last_on.isoformat(),
                "reported_by": seen.source,
            }
            for seen in person.uses.select_related("version__policy").order_by("id")
        ],
        "applies": [
            {
                "policy": applied.policy.slug,
                "in_force": applied.in_force.number if applied.in_force else None,
                "basis": applied.basis,
                "deemed": grounds_of(applied.deemed) if applied.deemed else None,
            }
            for applied in applied_at(person=person, at=at)
        ],
    }


def grounds_of(deemed: Deemed) -> dict[str, object]:
    """The grounds of what a text makes of continued use, as JSON."""
    return {
        "policy": deemed.version.policy.slug,
        "version": deemed.version.number,
        "promised_in_version": deemed.promised_in.number,
        "quote": deemed.quote,
        "anchor": deemed.anchor,
        "reached_by": deemed.reached_by,
        "reached_at": ledger.instant(deemed.reached_at),
        "bound_from": ledger.instant(deemed.bound_from),
        "used_on": deemed.used_on.isoformat(),
        "use_reported_by": deemed.source,
        "counts_as_agreed": False,
    }


def _exported(entry: Entry) -> dict[str, object]:
    record = {"record": ledger.act_body(entry.act, entry.subject)} if entry.act else {}
    return {
        "at": ledger.instant(entry.at),
        "what": entry.kind,
        "policy": entry.version.policy.slug,
        "version": entry.version.number,
        "how": str(entry.detail),
        **record,
    }


def receipt_of(*, reference: UUID, person: Person, at: datetime) -> Receipt | None:
    """The receipt for one of `person`'s own answers; None for anybody else's."""
    act = (
        Act.objects.of(person)
        .select_related("version__policy", "screen", "undoes")
        .filter(subject_ref=reference)
        .exclude(kind=Act.Kind.DISPLAYED)
        .first()
    )
    if act is None:
        return None
    undone_by = Act.objects.filter(undoes=act).first()
    subject = ActSubject.objects.get(subject_ref=act.subject_ref)
    return Receipt(
        person=person,
        act=act,
        title=act.version.text_in(act.language).title,
        remark=subject.remark,
        record=ledger.act_body(act, subject),
        address_changed=account_mail.noted(account_mail.moved_before(person.pk, act.at)),
        leaf=LedgerLeaf.objects.filter(kind="act", reference=act.subject_ref.hex).first(),
        undone_by=undone_by,
        can_undo=undone_by is None and acceptance.can_undo(act, at),
    )


def trail_of(person: Person) -> list[Entry]:
    """What `person` was told, was shown and answered, the newest first."""
    return sorted([*_told(person), *_shown(person), *_answered(person)], key=lambda entry: entry.at, reverse=True)


def _told(person: Person) -> list[Entry]:
    """Mails that a mail server accepted; that they arrived or were read is not known and not said."""
    notices = {
        notice.pk: notice
        for notice in Notice.objects.filter(stream=Notice.Stream.LEGAL).select_related("version__policy")
    }
    keys = [Delivery.key(notice, person.pk, channel) for notice in notices for channel in Delivery.Channel.values]
    deliveries = Delivery.objects.filter(pk__in=keys, state=Delivery.State.ACCEPTED, finished_at__isnull=False)
    return [
        _entry("told", notices[delivery.notice_id].version, delivery.finished_at, detail=delivery.get_channel_display())
        for delivery in deliveries
        if delivery.finished_at
    ]


def _shown(person: Person) -> list[Entry]:
    seen = NoticeSeen.objects.filter(person=person).select_related("version__policy")
    return [_entry("shown", sight.version, sight.at) for sight in seen]


def _answered(person: Person) -> list[Entry]:
    acts = list(Act.objects.of(person).select_related("version__policy", "screen", "undoes"))
    # The remark says by what right somebody answered on behalf, or why the desk let somebody off; most acts have none.
    subjects = {subject.subject_ref: subject for subject in ActSubject.objects.filter(person=person)}
    return [
        Entry(act.at, act.kind, act.version, act=act, subject=subject, detail=_detail(subject, act))
        for act in acts
        if (subject := subjects.get(act.subject_ref))
    ]


def _detail(subject: ActSubject, act: Act) -> str:
    """By what right it was given, and whether the address had been another one a while before."""
    note = account_mail.noted(account_mail.moved_before(subject.person_id, act.at))
    return " ".join(filter(None, [subject.remark, note]))


def _entry(kind: str, version: Version, at: datetime, *, detail: str = "") -> Entry:
    return Entry(at=at, kind=kind, version=version, detail=detail)
