"""
The evidence pack: a ZIP with the exact texts, redlines, mails, screens and acts, and what proves them.

`verify.py` in it needs nothing but Python. Reads only; whoever makes a pack seals the ledger first.
"""

import base64
import csv
import io
import json
import platform
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

import django
from django.conf import settings
from django.db.models import Q, QuerySet

from policies import ledger, rendering
from policies.evidence import consent, continued_use, cover, deliveries, printing, story
from policies.ledger import notes, proofs, sealing
from policies.ledger.tree import STORED_EVERY, Reader, Tree
from policies.models import Act, ActSubject, Checkpoint, CheckpointAnchor, LedgerLeaf, Person, Policy, Screen, Version

FORMAT = "policysite-evidence/1"
STANDALONE = Path(__file__).with_name("standalone.py")


class NothingSealed(Exception):
    """There is no signed head yet: nothing could be proved."""


@dataclass(frozen=True)
class Scope:
    """What a pack is about: these people's acts about these versions."""

    name: str
    versions: Sequence[Version]
    acts: Sequence[Act]
    people: Sequence[Person]


def of_person(person: Person, policy: Policy | None = None) -> Scope:
    """One person: what they answered, were told and shown, and the versions all that was about."""
    acts = _ordered(Act.objects.of(person))
    if policy:
        acts = acts.filter(version__policy=policy)
    policies = Policy.objects.filter(Q(versions__acts__in=acts) | Q(audience_tag__in={"", person.audience_tag}))
    versions = Version.objects.published().filter(policy__in=[policy] if policy else policies)
    return Scope(f"person-{person.pk}", _sorted(versions), list(acts), [person])


def of_version(version: Version) -> Scope:
    """One version: everybody's acts about it."""
    versions = Version.objects.published().filter(policy=version.policy, number__lte=version.number or 0)
    acts = _ordered(Act.objects.filter(version=version))
    people = Person.objects.filter(act_subjects__subject_ref__in=acts.values("subject_ref")).distinct()
    return Scope(f"{version.policy.slug}-version-{version.number}", _sorted(versions), list(acts), list(people))


def of_cohort(tag: str) -> Scope:
    """Everybody in one audience."""
    people = Person.objects.filter(audience_tag=tag)
    references = ActSubject.objects.filter(person__in=people).values("subject_ref")
    versions = Version.objects.published().filter(policy__audience_tag__in={"", tag})
    return Scope(
        f"cohort-{tag}", _sorted(versions), list(_ordered(Act.objects.filter(subject_ref__in=references))), list(people)
    )


def build(scope: Scope, *, at: datetime) -> bytes:
    """
    Write the pack.

    :raises NothingSealed: before the first signed head
    """
    head = Checkpoint.objects.order_by("-size").first()
    if head is None:
        raise NothingSealed
    files = dict(_files(scope, head, at=at))
    listed = {name: ledger.sha256_hex(content) for name, content in sorted(files.items())}
    manifest = _json({"format": FORMAT, "scope": scope.name, "made_at": ledger.instant(at), "files": listed})
    files |= {"manifest.json": manifest, "manifest.sig": notes.sign_text(manifest.decode()).encode()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            # A fixed date: the same evidence gives the same bytes.
            archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def file_name(scope: Scope, *, at: datetime) -> str:
    return f"evidence-{scope.name}-{at:%Y-%m-%d}.zip"


def _files(scope: Scope, head: Checkpoint, *, at: datetime) -> Iterator[tuple[str, bytes]]:
    tree = Tree(_remembered(sealing.stored_tree().read))
    yield "verify.py", STANDALONE.read_bytes()
    yield "key.txt", f"{notes.verifier()}\n".encode()
    yield "checkpoint.txt", head.note.encode()
    anchored = _Anchored.before(head)
    if anchored:
        yield from anchored.files(head, tree)
    yield "00-README.txt", _readme(scope, head, at=at).encode()
    yield "01-publications.json", _json([_publication(version, head, tree) for version in scope.versions])
    yield "01-version-history.csv", _csv(_history(scope.versions))
    for version in scope.versions:
        yield from _texts(version)
    yield from _redlines(scope)
    yield from deliveries.files(scope.versions, scope.people, write_csv=_csv)
    for screen in Screen.objects.filter(pk__in={act.screen_id for act in scope.acts if act.screen_id}):
        yield from _screen(screen)
    subjects = ActSubject.objects.filter(subject_ref__in=[act.subject_ref for act in scope.acts])
    known = {subject.subject_ref: subject for subject in subjects.select_related("person")}
    yield from cover.write(_cover(scope, head, known, anchored, at=at))
    yield (
        "05-events.json",
        _json([_event(act, known.get(act.subject_ref), head, tree) for act in scope.acts if act.subject_ref in known]),
    )
    yield "05-story.txt", "\n".join(_story(scope.people, at)).encode()
    yield from continued_use.files(scope.versions, scope.people, at=at, write_csv=_csv, write_json=_json)
    yield "07-promise.json", _json([_promise(version) for version in scope.versions])
    yield "08-process.md", _process().encode()
    yield "09-consent-27560.jsonld", _json(consent.records(scope.acts, known))


@dataclass(frozen=True)
class _Anchored:
    """The newest head that somebody outside vouched for, and what they said."""

    head: Checkpoint
    anchors: Sequence[CheckpointAnchor]

    @classmethod
    def before(cls, head: Checkpoint) -> "_Anchored | None":
        """As far as the pack's own head goes; None where nobody vouched for any."""
        newest = Checkpoint.objects.filter(size__lte=head.size, anchors__isnull=False).order_by("-size").first()
        return cls(newest, list(newest.anchors.order_by("id"))) if newest else None

    def files(self, head: Checkpoint, tree: Tree) -> Iterator[tuple[str, bytes]]:
        """That head as it was vouched for, the proof that the pack's head extends it, and the stamp itself."""
        kinds = CheckpointAnchor.Kind
        lines = [anchor.data for anchor in self.anchors if anchor.kind == kinds.WITNESS]
        names = {anchor.name for anchor in self.anchors if anchor.kind == kinds.WITNESS}
        stamps = [anchor for anchor in self.anchors if anchor.kind == kinds.TIME_STAMP]
        steps = tree.consistency(self.head.size, head.size)
        described = {
            "size": self.head.size,
            "consistency": [base64.b64encode(step).decode() for step in steps],
            "cosignatures": lines,
            "witnesses": [key for key, _url in settings.LEDGER_WITNESSES if key.split("+", 1)[0] in names],
            "time_stamps": [f"checkpoint-anchored-{number}.tsr" for number in range(1, len(stamps) + 1)],
        }
        yield "checkpoint-anchored.txt", self.head.note.encode()
        yield "checkpoint-anchored.json", _json(described)
        for number, stamp in enumerate(stamps, start=1):
            yield f"checkpoint-anchored-{number}.tsr", base64.b64decode(stamp.data)

    def said(self) -> list[str]:
        """In words, for the cover."""
        return [
            f"{anchor.get_kind_display()}, {anchor.name}, {cover.said(anchor.at)}, over {self.head.size} entries"
            for anchor in self.anchors
        ]


def _cover(
    scope: Scope, head: Checkpoint, known: Mapping[UUID, ActSubject], anchored: _Anchored | None, *, at: datetime
) -> cover.Cover:
    organization, site = cover.site()
    owners = {reference: subject.person_id for reference, subject in known.items()}
    return cover.Cover(
        about=str(scope.people[0]) if len(scope.people) == 1 else scope.name,
        organization=organization,
        site=site,
        made=cover.said(at),
        head_size=head.size,
        head_sha256=bytes(head.root).hex(),
        verifier=notes.verifier(),
        people=cover.told(scope.people, scope.acts, owners, at=at),
        counts=(len(scope.people), len(scope.acts), len(scope.versions)),
        promises=cover.kept(scope.versions),
        anchors=anchored.said() if anchored else [],
    )


def _texts(version: Version) -> Iterator[tuple[str, bytes]]:
    yield _manifest_name(version), version.manifest.encode()
    for text in version.texts.all():
        rendered = rendering.rendering_of(text)
        name = _text_name(version, text.language)
        yield name, text.body.encode()
        yield name.removesuffix("md") + "html", rendered.html.encode()
        yield name.removesuffix("md") + "txt", rendered.plain.encode()
        if printing.can_print():
            page = printing.text_as_page(text.title, rendered.html, language=text.language, fingerprint=text.sha256)
            yield name.removesuffix("md") + "pdf", printing.printed(page)


def _publication(version: Version, head: Checkpoint, tree: Tree) -> dict[str, object]:
    leaf = LedgerLeaf.objects.filter(kind="publication", reference=str(version.pk)).first()
    return {
        "title": str(version),
        "body": json.loads(leaf.body) if leaf else {"reference": str(version.pk)},
        "proof": _proof(leaf, head, tree),
        "manifest_file": _manifest_name(version),
        "text_files": {text.language: _text_name(version, text.language) for text in version.texts.all()},
    }


def _event(act: Act, subject: ActSubject | None, head: Checkpoint, tree: Tree) -> dict[str, object]:
    leaf = LedgerLeaf.objects.filter(kind="act", reference=act.subject_ref.hex).first()
    head_of_body = {"kind": "act", "reference": act.subject_ref.hex, "at": ledger.instant(act.at)}
    return {
        "body": {**head_of_body, **ledger.act_body(act, remark=subject.remark if subject else "")},
        "salt": bytes(subject.salt).hex() if subject else None,
        "proof": _proof(leaf, head, tree),
        "text_file": _text_name(act.version, act.language),
        "screen_file": _screen_name(act.screen) if act.screen else None,
        "source_trust": act.trust.value,
        "person": _who(subject.person) if subject else None,
        "acted_by": _who(subject.acted_by) if subject and subject.acted_by else None,
        "network_address": subject.network_address if subject else None,
        "user_agent": subject.user_agent if subject else "",
    }


def _proof(leaf: LedgerLeaf | None, head: Checkpoint, tree: Tree) -> dict[str, object] | None:
    if leaf is None or leaf.leaf_index is None or leaf.leaf_index >= head.size:
        return None
    path = tuple(tree.inclusion(leaf.leaf_index, head.size))
    return proofs.Inclusion(bytes(leaf.leaf_hash), leaf.leaf_index, head.size, path, head.note).as_json()


def _redlines(scope: Scope) -> Iterator[tuple[str, bytes]]:
    """Each pair that was on somebody's screen, and each version against the one before."""
    pairs = {(act.compared_with, act.version) for act in scope.acts if act.compared_with}
    by_number = {(version.policy_id, version.number): version for version in scope.versions}
    for version in scope.versions:
        before = by_number.get((version.policy_id, (version.number or 0) - 1))
        pairs |= {(before, version)} if before else set()
    for before, after in sorted(pairs, key=lambda pair: (pair[1].policy_id, pair[0].number, pair[1].number)):
        for text in after.texts.all():
            earlier = before.texts.filter(language=text.language).first()
            if earlier:
                compared = rendering.comparison_of(earlier, text)
                name = f"02-redline-{after.policy.slug}-v{before.number}-v{after.number}.{text.language}"
                yield f"{name}.html", compared.inline_html.encode()
                yield f"{name}.txt", compared.plain.encode()


def _screen(screen: Screen) -> Iterator[tuple[str, bytes]]:
    """The screen as its hash names it, and its files one by one for people."""
    source = json.loads(screen.source)
    described = ledger.canonical_json({"files": source["files"], "wording": screen.wording})
    yield _screen_name(screen), described.encode()
    for name, content in source["files"]:
        yield f"04-screen-{screen.sha256[:12]}/{name}", content.encode()


def _story(people: Iterable[Person], at: datetime) -> Iterator[str]:
    for person in people:
        yield f"Person {person.pk} ({person.external_id or 'no external id'})"
        for entry in reversed(story.story_of(person)):
            detail = f" ({entry.detail})" if entry.detail else ""
            yield f"  {ledger.instant(entry.at)}  {entry.kind}{detail}: {entry.version}"
        yield f"  What applies at {ledger.instant(at)}, derived from the above:"
        for applied in story.applied_at(person=person, at=at):
            yield f"    {applied.policy}: {applied.in_force.name if applied.in_force else 'nothing'} ({applied.basis})"
        yield ""


def _history(versions: Sequence[Version]) -> Iterator[Sequence[object]]:
    yield (
        "policy", "number", "class", "tier", "reasons", "started_by", "started_at", "approved_by", "approved_at",
        "without_second_person", "published_at", "effective_at", "withdrawn_at", "witnessed", "manifest_sha256",
    )  # fmt: skip
    for version in versions:
        approval = version.reviews.filter(answer="approved").select_related("by").last()
        yield (
            version.policy.slug,
            version.number,
            version.change_class,
            version.tier,
            " ".join(version.reasons),
            version.started_by,
            version.started_at.isoformat(),
            approval.by if approval else "",
            approval.at.isoformat() if approval else "",
            approval.solo if approval else "",
            *[
                at.isoformat() if at else ""
                for at in (version.published_at, version.effective_at, version.withdrawn_at)
            ],
            not version.imported,
            version.manifest_sha256,
        )


def _promise(version: Version) -> dict[str, object]:
    check = getattr(version, "promise_check", None)
    governing = check.promise if check else None
    return {
        "version": str(version),
        "promise_of": str(governing.version) if governing else None,
        "promised": [
            {"applies_to": tier.applies_to, "channels": tier.channels, "logic": tier.logic, "prior": tier.prior,
             "notice_days": tier.notice_days, "acceptance": tier.acceptance, "quote": tier.quote, "anchor": tier.anchor}
            for tier in (governing.tiers.all() if governing else ())
        ],
        "checked_at": check.at.isoformat() if check else None,
        "lines": check.lines if check else [],
        "kept": check.kept if check else None,
        "overridden": check.overridden if check else None,
        "override_reason": version.override_reason,
    }  # fmt: skip


def _who(person: Person) -> dict[str, object]:
    return {"id": person.pk, "external_id": person.external_id, "name": person.name, "address": person.address}


def _readme(scope: Scope, head: Checkpoint, *, at: datetime) -> str:
    return f"""Evidence: {scope.name}
Made {ledger.instant(at)} by {settings.ORGANIZATION}, {settings.SITE_URL}.
All instants are UTC unless they say otherwise.

How to check it, with nothing but Python 3.8 or later and without a network:

    python3 verify.py            (in the unpacked folder; or: python3 verify.py PACK.zip)

It prints PASS, or names every file and record that is not what was signed. Compare the key it prints with the one at
{settings.SITE_URL}/.well-known/policy-log/key, or with a receipt or notice that somebody else kept.

manifest.json, .sig     the sha256 of every file, and the signature over that list
checkpoint.txt          the signed head of the public log ({head.size} entries) that all proofs lead to
checkpoint-anchored.*   where somebody outside vouched for the log: the head they saw, the proof that the one above
                        extends it, and their time-stamp or signature
00-cover.html, .pdf     all of it told on a few pages
01-...                  the exact texts (.md is what was hashed; .html, .txt and .pdf show it), what was sealed
                        with them (-manifest.json), who wrote and who approved, and their entries in the log
02-redline-...          the comparisons that were shown, and each version against the one before
03-...                  the mails, byte by byte, and what the mail server said to each try. "accepted" means that the
                        mail server took the mail; it does not mean that it arrived or was read
04-screen-...           the screens the answers were given on: templates, styles and wording, by hash
05-events.json          each act, with the salt that opens its entry in the log, and the proof that it is there
05-story.txt            the same and what was told and shown, in order; at its end what applied, and on what basis
06-use-after-effective  days on which somebody was seen using the product after a version took effect, as reported
06-deemed.json          what a text makes of such use, with its grounds: derived, and never counted as agreed
07-promise.json         the promise that governed each change, in its own words, and how the change stood against it
08-process.md           how all this is recorded; the basis for a custodian's declaration
09-consent-27560.jsonld the acts in the terms of ISO/IEC TS 27560:2023

{len(scope.people)} people, {len(scope.acts)} acts, {len(scope.versions)} versions.
"""


def _process() -> str:
    return f"""# How these records come to be

This describes the system as it was configured when this pack was made; it is made by the system itself.

- Software: policysite on Django {django.get_version()}, Python {platform.python_version()}; text renderer
  {rendering.RENDERER}; database {settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]}.
- A version is written by one person and approved by another, save where the history says "without second person".
  Approval seals a manifest: the sha256 over the text in every language, class, reasons, summary and dates. Only what
  was sealed can be published, and the database refuses to change or delete it afterwards.
- Each notice mail is built once a language; the bytes sent to each person follow from it and from the recorded address
  and time. Every try is recorded with the mail server's own reply.
- An answer is recorded only from a form that the person sent while signed in; looking at a page records no answer. The
  form carries a signed token that says which version, in which language, on which screen, was shown when. A form that
  was overtaken by a newer version records nothing.
- Each publication, notice and act appends an entry to a log in the same transaction. The entries are sealed into a
  Merkle tree (RFC 9162) whose head is signed (Ed25519) and published at {settings.SITE_URL}/.well-known/policy-log/,
  in every notice mail and in every receipt.
- How somebody was signed in is recorded with each act. Network addresses are
  {"kept, shortened to their network" if settings.RECORD_NETWORK_ADDRESS else "not kept"}.
- Times come from the server's clock.

Declaration (to be completed by the custodian of records): I am familiar with the system described above. The records
in this pack were made at or near the time of the events by a process that produces an accurate result, and were kept
in the course of a regularly conducted activity. Name, position, date, signature: ______________________________
"""


def _ordered(acts: QuerySet[Act]) -> QuerySet[Act]:
    return acts.select_related("version__policy", "screen", "undoes", "compared_with__policy").order_by("id")


def _sorted(versions: QuerySet[Version]) -> list[Version]:
    found = versions.select_related("policy", "started_by").prefetch_related("texts").distinct()
    return sorted(found, key=lambda version: (version.policy.slug, version.number or 0))


def _remembered(read: Reader) -> Reader:
    """Read each part of the tree once: many proofs share most of their way."""

    @cache
    def tile(level: int, first: int) -> Sequence[bytes]:
        return read(level, first, 1 << STORED_EVERY)

    def cached(level: int, first: int, count: int) -> Sequence[bytes]:
        start = first >> STORED_EVERY << STORED_EVERY
        return tile(level, start)[first - start : first - start + count]

    return cached


def _text_name(version: Version, language: str) -> str:
    return f"01-{version.policy.slug}-v{version.number}.{language}.md"


def _manifest_name(version: Version) -> str:
    return f"01-{version.policy.slug}-v{version.number}-manifest.json"


def _screen_name(screen: Screen) -> str:
    return f"04-screen-{screen.sha256[:12]}.json"


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    """RFC 4180; a cell that a spreadsheet would take for a formula starts with an apostrophe."""
    written = io.StringIO()
    csv.writer(written).writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue().encode()


def _cell(value: object) -> str:
    text = str(value)
    return (
        f"'{text}"
        if text.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
        else text
    )
