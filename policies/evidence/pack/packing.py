"""
The evidence pack: a ZIP with the exact texts, redlines, mails, screens and acts, and what proves them.

`verify.py` in it needs nothing but Python. Reads only; whoever makes a pack seals the ledger first. Each module beside
this one writes some of the files; what a pack can be about is in `scopes`.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from policies import ledger
from policies.evidence.pack import consent, continued_use, cover, deliveries, events, explaining, publications
from policies.evidence.pack.heads import Anchored, Log
from policies.evidence.pack.scopes import Scope, of_cohort, of_person, of_version
from policies.evidence.pack.writing import json_of
from policies.ledger import notes
from policies.models import ActSubject, Checkpoint

__all__ = ["NothingSealed", "Scope", "build", "file_name", "of_cohort", "of_person", "of_version"]

FORMAT = "policysite-evidence/1"
STANDALONE = Path(__file__).with_name("standalone.py")


class NothingSealed(Exception):
    """There is no signed head yet: nothing could be proved."""


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
    manifest = json_of({"format": FORMAT, "scope": scope.name, "made_at": ledger.instant(at), "files": listed})
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
    anchored = Anchored.before(head)
    log = Log.up_to(head, anchored)
    seen = [each for each in scope.versions if each.published_at and each.published_at <= at]
    scope = replace(scope, versions=seen)
    yield "verify.py", STANDALONE.read_bytes()
    yield "key.txt", f"{notes.verifier()}\n".encode()
    yield "checkpoint.txt", log.note.encode()
    if anchored:
        yield from anchored.files(log)
    yield "00-README.txt", explaining.readme(scope, head, at=at).encode()
    yield from publications.files(scope.versions, log)
    yield from publications.redlines(scope, log)
    yield from deliveries.files(scope.versions, scope.people)
    yield from events.screens(scope.acts)
    subjects = ActSubject.objects.filter(subject_ref__in=[act.subject_ref for act in scope.acts])
    known = {subject.subject_ref: subject for subject in subjects.select_related("person")}
    yield from cover.write(_cover(scope, head, known, anchored, at=at))
    yield "05-events.json", events.recorded(scope.acts, known, log)
    yield from events.proof_files(scope.acts, known, log)
    yield "05-story.txt", events.stories(scope.people, at)
    yield from continued_use.files(scope.versions, scope.people, at=at)
    yield from publications.terms(scope.versions, log)
    yield "07-promise.json", publications.promises(scope.versions)
    yield "08-process.md", explaining.process().encode()
    yield "09-consent-27560.jsonld", json_of(consent.records(scope.acts, known))


def _cover(
    scope: Scope, head: Checkpoint, known: Mapping[UUID, ActSubject], anchored: Anchored | None, *, at: datetime
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
