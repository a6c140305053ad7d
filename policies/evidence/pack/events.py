"""The acts in a pack, with what opens their leaves; the screens they were done on; the story of each person."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from policies import account_mail, ledger
from policies.evidence import audit_trail
from policies.evidence.pack.heads import Log
from policies.evidence.pack.publications import text_name
from policies.evidence.pack.writing import json_of
from policies.models import Act, ActSubject, LedgerLeaf, Person, Screen

# Of more acts than this a pack has no proof files: each is in 05-events.json too.
MOST_PROOF_FILES = 1_000


def screens(acts: Sequence[Act]) -> Iterator[tuple[str, bytes]]:
    """The screens the answers were given on, by their hash."""
    for screen in Screen.objects.filter(pk__in={act.screen_id for act in acts if act.screen_id}):
        yield from _screen(screen)


def recorded(acts: Sequence[Act], known: Mapping[UUID, ActSubject], log: Log) -> bytes:
    """Each act whose person is `known`: nobody can say whose the others were."""
    return json_of([_event(act, subject, log) for act in acts if (subject := known.get(act.subject_ref))])


def proof_files(acts: Sequence[Act], known: Mapping[UUID, ActSubject], log: Log) -> Iterator[tuple[str, bytes]]:
    """The proofs of the acts as files for tools of others; of a crowd's they stand in the list alone."""
    for act in acts if len(acts) <= MOST_PROOF_FILES else ():
        subject = known.get(act.subject_ref)
        if subject:
            entry = ledger.entry_of(ledger.canonical_json(ledger.act_record(act, subject)), salt=bytes(subject.salt))
            yield from log.file(_leaf(act), entry=entry)


def stories(people: Iterable[Person], at: datetime) -> bytes:
    """What each person was told, was shown and did, in order; at the end what applied at `at`."""
    return "\n".join(_story(people, at)).encode()


def _event(act: Act, subject: ActSubject, log: Log) -> dict[str, object]:
    older = {"belonging": _belonging(subject, log)} if act.binding == Act.Binding.DEED else {}
    moved_at = account_mail.moved_before(subject.person_id, act.at)
    return {
        "body": ledger.act_record(act, subject),
        "salt": bytes(subject.salt).hex(),
        "proof": log.proof(_leaf(act)),
        "text_file": text_name(act.version, act.language),
        "screen_file": _screen_name(act.screen) if act.screen else None,
        "source_trust": act.trust.value,
        "person": _who(subject.person),
        "acted_by": _who(subject.acted_by) if subject.acted_by else None,
        "address_changed_at": ledger.instant(moved_at) if moved_at else None,
        "network_address": subject.network_address,
        "user_agent": subject.user_agent,
        **older,
    }


def _leaf(act: Act) -> LedgerLeaf | None:
    return LedgerLeaf.objects.filter(kind="act", reference=act.subject_ref.hex).first()


def _belonging(subject: ActSubject, log: Log) -> dict[str, object] | None:
    """What was recorded later about whose an act of the older binding was."""
    reference = subject.subject_ref.hex
    leaf = LedgerLeaf.objects.filter(kind=ledger.BELONGING, reference=reference).first()
    if leaf is None:
        return None
    bound = [getattr(subject, name) for name in ledger.SUBJECT_COLUMNS]
    day = leaf.at.date().isoformat()
    return {
        "in_words": f"Made under the older binding. On {day} it was recorded that the act belonged to this person.",
        "body": ledger.belonging_body(bound, reference=reference, at=leaf.at),
        "salt": bytes(subject.salt).hex(),
        "proof": log.proof(leaf),
    }


def _who(person: Person) -> dict[str, object]:
    return {"id": person.pk, "external_id": person.external_id, "name": person.name, "address": person.address}


def _screen(screen: Screen) -> Iterator[tuple[str, bytes]]:
    """The screen as its hash names it, and its files one by one for people."""
    source = json.loads(screen.source)
    described = ledger.canonical_json({"files": source["files"], "wording": screen.wording})
    yield _screen_name(screen), described.encode()
    for name, content in source["files"]:
        yield f"04-screen-{screen.sha256[:12]}/{name}", content.encode()


def _screen_name(screen: Screen) -> str:
    return f"04-screen-{screen.sha256[:12]}.json"


def _story(people: Iterable[Person], at: datetime) -> Iterator[str]:
    for person in people:
        yield f"Person {person.pk} ({person.external_id or 'no external id'})"
        for entry in reversed(audit_trail.trail_of(person)):
            detail = f" ({entry.detail})" if entry.detail else ""
            yield f"  {ledger.instant(entry.at)}  {entry.kind}{detail}: {entry.version}"
        yield f"  What applies at {ledger.instant(at)}, derived from the above:"
        for applied in audit_trail.applied_at(person=person, at=at):
            yield f"    {applied.policy}: {applied.in_force.name if applied.in_force else 'nothing'} ({applied.basis})"
        yield ""
