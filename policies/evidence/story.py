"""What a person was told, was shown and answered, as pages and receipts show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from policies import acceptance, ledger
from policies.models import Act, Delivery, LedgerLeaf, Notice, NoticeSeen, Person, Policy, Version


@dataclass(frozen=True)
class Entry:
    """One line of a person's story: what happened (`kind`), when, about which version, and the act behind it."""

    at: datetime
    kind: str
    version: Version
    act: Act | None = None
    detail: str = ""


@dataclass(frozen=True)
class Agreement:
    """Where a person stands with one policy: what is in force, and what they agreed to last."""

    policy: Policy
    in_force: Version | None
    agreed: Version | None
    act: Act | None


@dataclass(frozen=True)
class Applied:
    """What applied to a person at an instant: the version in force, what they had agreed to, when they were told."""

    policy: Policy
    in_force: Version | None
    agreed: Version | None
    agreed_at: datetime | None
    told_at: datetime | None

    @property
    def basis(self) -> Literal["agreed", "published"]:
        """`agreed` only where they agreed to the version in force or a later one; continued use is never counted so."""
        has_agreed = self.agreed and self.in_force and (self.agreed.number or 0) >= (self.in_force.number or 0)
        return "agreed" if has_agreed else "published"


@dataclass(frozen=True)
class Receipt:
    """An answer as its giver can keep it; `record` is what the ledger's leaf binds."""

    person: Person
    act: Act
    title: str
    record: dict[str, object]
    leaf: LedgerLeaf | None
    undone_by: Act | None
    can_undo: bool

    @property
    def undo_until(self) -> datetime:
        return self.act.at + acceptance.UNDO_PERIOD

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
    policies = Policy.objects.shown().filter(audience_tag__in={"", person.audience_tag}, has_accounts=True)
    in_force = {version.policy_id: version for version in Version.objects.in_force(at).filter(policy__in=policies)}
    acts = Act.objects.of(person).standing().filter(kind=Act.Kind.AGREED).select_related("version__policy")
    agreed = {act.version.policy_id: act for act in acts.order_by("version__number", "id")}
    return [
        Agreement(
            policy=policy,
            in_force=in_force.get(policy.pk),
            agreed=agreed[policy.pk].version if policy.pk in agreed else None,
            act=agreed.get(policy.pk),
        )
        for policy in policies
        if policy.pk in in_force or policy.pk in agreed
    ]


def applied_at(*, person: Person, at: datetime) -> list[Applied]:
    """What applied to `person` at `at`, per policy that binds them: acts and notices after `at` play no part."""
    policies = Policy.objects.shown().filter(audience_tag__in={"", person.audience_tag})
    in_force = {version.policy_id: version for version in Version.objects.in_force(at).filter(policy__in=policies)}
    acts = Act.objects.of(person).filter(at__lte=at).select_related("version__policy").order_by("version__number", "id")
    undone = set(acts.filter(undoes__isnull=False).values_list("undoes", flat=True))
    agreed = {act.version.policy_id: act for act in acts if act.kind == Act.Kind.AGREED and act.pk not in undone}
    told = {entry.version.pk: entry.at for entry in _told(person) if entry.at <= at}
    return [
        Applied(
            policy=policy,
            in_force=in_force.get(policy.pk),
            agreed=agreed[policy.pk].version if policy.pk in agreed else None,
            agreed_at=agreed[policy.pk].at if policy.pk in agreed else None,
            told_at=told.get(in_force[policy.pk].pk) if policy.pk in in_force else None,
        )
        for policy in policies
    ]


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
        "story": [_exported(entry) for entry in story_of(person)],
    }


def _exported(entry: Entry) -> dict[str, object]:
    record = {"record": ledger.act_body(entry.act)} if entry.act else {}
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
    return Receipt(
        person=person,
        act=act,
        title=act.version.text_in(act.language).title,
        record=ledger.act_body(act),
        leaf=LedgerLeaf.objects.filter(kind="act", reference=act.subject_ref.hex).first(),
        undone_by=undone_by,
        can_undo=undone_by is None and act.kind != Act.Kind.WITHDRAWN and acceptance.can_undo(act, at),
    )


def story_of(person: Person) -> list[Entry]:
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
    acts = Act.objects.of(person).select_related("version__policy")
    return [_entry(act.kind, act.version, act.at, act=act) for act in acts]


def _entry(kind: str, version: Version, at: datetime, *, act: Act | None = None, detail: str = "") -> Entry:
    return Entry(at=at, kind=kind, version=version, act=act, detail=detail)
