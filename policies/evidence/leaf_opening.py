"""Open leaves: compute from the rows of today what each leaf bound, and say where they differ."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Exists, F, Field, Func, OuterRef, Q, QuerySet, Value

from policies import ledger, publishing
from policies.acceptance import consent_screens
from policies.acceptance.erasing import CLOSED
from policies.authoring import manifest
from policies.evidence import batches, bound_renderings, policy_terms
from policies.evidence.sound_acts import Hex
from policies.models import Act, ActSubject, DateChange, LedgerLeaf, Notice, PromiseCheck, Screen, Version, VersionText
from policies.text.source import canonical

Found = tuple[str, str, str]
CHUNK = 5_000
# Leaves whose parts lie in the tables of acts: opened with the salt that lies with the person.
_SALTED = ("act", ledger.BELONGING)


@dataclass(frozen=True)
class Opened:
    """What opening a leaf gave."""

    findings: tuple[Found, ...] = ()
    is_closed: bool = False


class Opener:
    """Opens one chunk of leaves; what they are about is read at once."""

    def __init__(self, leaves: Sequence[LedgerLeaf]) -> None:
        references = [uuid for leaf in leaves if leaf.kind in _SALTED and (uuid := _uuid_of(leaf.reference))]
        acts = Act.objects.filter(_among(references)).values_list("subject_ref", "at", "binding", *ledger.ACT_COLUMNS)
        subjects = ActSubject.objects.filter(_among(references))
        bound = subjects.values_list("subject_ref", "salt", *ledger.SUBJECT_COLUMNS)
        versions = {_version_of(leaf) for leaf in leaves}
        # Tuples: an object for each of millions of rows costs more than all of the hashing.
        self._acts = {
            reference.hex: (at, binding, row) for reference, at, binding, *row in acts.iterator(chunk_size=CHUNK)
        }
        self._subjects = {reference.hex: (bytes(salt), row) for reference, salt, *row in bound}
        gone = [reference.hex for reference in references if reference.hex not in self._subjects]
        closed = _leaves(CLOSED).filter(reference__in=gone) if gone else LedgerLeaf.objects.none()
        self._closed = set(closed.values_list("reference", flat=True))
        self._versions = {version.pk: version for version in Version.objects.filter(pk__in=versions)}

    def open(self, leaf: LedgerLeaf) -> Opened:
        where = f"{leaf.kind} {leaf.reference}"
        if leaf.kind in _SALTED:
            shown = ("leaf-changed", where, "The leaf has a body; what an act says lies in its own tables.")
            return Opened((shown,)) if leaf.body else self._open_act(leaf, where)
        checks = {
            "publication": self._check_publication,
            "withdrawal": self._check_withdrawal,
            "postponement": self._check_change_of_date,
            "brought-forward": self._check_change_of_date,
            "translation": self._check_translation,
            "notice": self._check_notice,
            "terms": policy_terms.leaf_differs,
            "rendering": bound_renderings.leaf_differs,
            "rows": batches.leaf_differs,
        }
        found = list(_check_body(leaf, where))
        if not found and leaf.kind in checks:
            found = list(checks[leaf.kind](leaf, where))
        return Opened(tuple(found))

    def _open_act(self, leaf: LedgerLeaf, where: str) -> Opened:
        act, subject = self._acts.get(leaf.reference), self._subjects.get(leaf.reference)
        if act is None:
            return Opened((("act-missing", where, "The act of this leaf was removed."),))
        if subject is None:
            is_closed = leaf.reference in self._closed
            gone = ("salt-missing", where, "The salt is gone and no erasure is on record.")
            return Opened(() if is_closed else (gone,), is_closed=is_closed)
        at, binding, row = act
        salt, bound = subject
        if leaf.kind == ledger.BELONGING:
            return _open_belonging(leaf, bound, where, salt=salt, binding=binding)
        if at != leaf.at or binding not in Act.Binding.values:
            return Opened((("act-changed", where, "The act has another time than its leaf, or no known binding."),))
        hashed = ledger.act_leaf_hash(row, bound, binding=binding, reference=leaf.reference, at=at, salt=salt)
        if hashed != bytes(leaf.leaf_hash):
            whose = ", whose it was or who acted for them" if binding >= Act.Binding.PERSON else ""
            return Opened((("act-changed", where, f"The act{whose} is not what was recorded."),))
        return Opened()

    def _check_publication(self, leaf: LedgerLeaf, where: str) -> Iterator[Found]:
        body = json.loads(leaf.body)
        version = self._versions.get(_version_of(leaf))
        if version is None:
            yield "publication-missing", where, "The version of this leaf was removed."
            return
        now = {
            "policy": version.policy_id,
            "number": version.number,
            "manifest_sha256": version.manifest_sha256,
            "published_at": _said(version.published_at),
            "effective_at": _said(_first_effect(version)),
            "imported": version.imported,
        }
        if version.correction or "correction" in body:  # leaves of before there were any say nothing of it
            now["correction"] = version.correction
        for name, value in now.items():
            if body.get(name) != value:
                yield "publication-changed", where, f"{version}: {name} is {value}, published was {body.get(name)}."
        if not version.imported and version.published_at != leaf.at:
            yield "publication-changed", where, f"{version}: published_at is not when this was recorded."
        last = version.date_changes.order_by("at", "id").last()
        if last and version.effective_at != last.effective_at:
            yield "publication-changed", where, f"{version} does not take effect when its last change of date says."

    def _check_withdrawal(self, leaf: LedgerLeaf, where: str) -> Iterator[Found]:
        version = self._versions.get(_version_of(leaf))
        if version is None or _logged_at(version, version.withdrawn_at) != leaf.at:
            yield "withdrawal-changed", where, "The version was withdrawn at another time, or is not withdrawn."

    def _check_change_of_date(self, leaf: LedgerLeaf, where: str) -> Iterator[Found]:
        moved = DateChange.objects.filter(pk=leaf.reference).first()
        now = moved and (
            moved.version_id,
            ledger.instant(moved.effective_at),
            moved.reason,
            _logged_at(Version.objects.filter(pk=moved.version_id).first(), moved.at),
        )
        body = json.loads(leaf.body)
        if moved is None or now != (body["version"], body["effective_at"], body["reason"], leaf.at):
            yield f"{leaf.kind}-changed", where, "The change of date is not what was recorded, or was removed."
        elif leaf.kind == publishing.BROUGHT_FORWARD:
            judged = PromiseCheck.objects.filter(date_change=moved).first()
            said = publishing.described(moved, judged) if judged else {}
            if any(body.get(name) != value for name, value in said.items()) or not (judged and moved.untold):
                yield (
                    f"{leaf.kind}-changed",
                    where,
                    "How the date stood against the promise is not what was recorded.",
                )

    def _check_translation(self, leaf: LedgerLeaf, where: str) -> Iterator[Found]:
        body = json.loads(leaf.body)
        language = leaf.reference.partition("/")[2]
        text = VersionText.objects.filter(version=body["version"], language=language).first()
        if text is None or (text.title, text.sha256) != (body["title"], body["sha256"]):
            yield "translation-changed", where, "The translation is not what was recorded, or was removed."
        elif "sealed_sha256" not in body:
            if text.answered:  # recorded before a translation could have any
                yield "translation-changed", where, "The translation was given answers after it was recorded."
        elif manifest.fingerprint(manifest.sealed(text)) != body["sealed_sha256"]:
            yield "translation-changed", where, "The translation's short version or answers are not what was recorded."

    def _check_notice(self, leaf: LedgerLeaf, where: str) -> Iterator[Found]:
        body = json.loads(leaf.body)
        notice = Notice.objects.filter(pk=leaf.reference.partition("-")[0]).first()
        now = notice and (notice.version_id, notice.stream, notice.kind)
        if notice is None or now != (body["version"], body["stream"], body["notice_kind"]):
            yield "notice-changed", where, "The notice is not what was recorded, or was removed."
        elif "audience_sha256" in body and body["audience_sha256"] != notice.audience_sha256:
            yield "notice-changed", where, "The notice's audience is not the one that was frozen."


def unlisted(*, among: Sequence[UUID] | None = None) -> Iterator[Found]:
    """
    Rows that should have a leaf and have none: added behind the ledger's back.

    `among` are the acts of which that is not known yet; None where it is known of none.
    """
    yield from _unlisted_belongings()
    listed = Exists(_leaves("act").filter(reference=Hex(OuterRef("subject_ref"))))
    acts = Act.objects.filter(~listed) if among is None else Act.objects.filter(_among(list(among)), ~listed)
    found = acts.order_by("id").values_list("subject_ref", flat=True)
    for reference in found if among != [] else ():
        yield "act-unlisted", f"act {reference.hex}", "An act has no leaf: it was added without the ledger."
    yield from _unlisted_versions()


def _unlisted_versions() -> Iterator[Found]:
    """Publications, withdrawals, changes of date and frozen audiences without a leaf."""
    published = set(_leaves("publication").values_list("reference", flat=True))
    moved = {*_leaves(publishing.POSTPONED).values_list("reference", flat=True)}
    moved |= {*_leaves(publishing.BROUGHT_FORWARD).values_list("reference", flat=True)}
    withdrawn = set(_leaves("withdrawal").values_list("reference", flat=True))
    for version in Version.objects.published():
        if str(version.pk) not in published:
            yield "publication-unlisted", f"publication {version.pk}", f"{version} has no leaf."
        if version.withdrawn_at and str(version.pk) not in withdrawn:
            yield "withdrawal-unlisted", f"version {version.pk}", f"{version} is withdrawn, and no leaf says so."
    opened = set(_leaves("notice").filter(reference__endswith="-audience").values_list("reference", flat=True))
    for notice in Notice.objects.exclude(audience_sha256=""):
        if f"{notice.pk}-audience" not in opened:
            yield "notice-unlisted", f"notice {notice.pk}", "An audience was frozen, and no leaf says so."
    for change in DateChange.objects.all():
        if str(change.pk) not in moved:
            yield "postponement-unlisted", f"postponement {change.pk}", "A change of date has no leaf."


def _unlisted_belongings() -> Iterator[Found]:
    """Acts of the older binding whose person is on record, and nothing in the ledger says so."""
    last = 0
    old = Act.objects.filter(binding=Act.Binding.DEED).order_by("id").values_list("id", "subject_ref")
    while chunk := dict(old.filter(id__gt=last)[:CHUNK]):
        kept = ActSubject.objects.filter(_among(list(chunk.values()))).values_list("subject_ref", flat=True)
        references = [reference.hex for reference in kept]
        said = _leaves(ledger.BELONGING).filter(reference__in=references).values_list("reference", flat=True)
        for reference in sorted({*references} - {*said}):
            yield "belonging-unlisted", f"act {reference}", "Nothing in the ledger says whose this act was."
        last = max(chunk)


def screens_changed() -> Iterator[Found]:
    """Screens whose sources are not what their hash says."""
    for screen in Screen.objects.all():
        try:
            files = [(name, content) for name, content in json.loads(screen.source)["files"]]
            named = consent_screens.screen_sha256(files, screen.wording)
        except (ValueError, KeyError, TypeError, AttributeError):
            named = ""  # no screen of ours at all
        if named != screen.sha256:
            yield "screen-changed", f"screen {screen.sha256[:12]}", "Its sources are not what was shown."


def texts_changed() -> Iterator[Found]:
    """Published versions whose words, or whatever else their manifest seals, are not what was sealed."""
    for version in Version.objects.published().select_related("policy", "based_on").prefetch_related("texts"):
        where = f"version {version.pk}"
        if manifest.fingerprint(version.manifest) != version.manifest_sha256:
            yield "manifest-changed", where, f"The manifest of {version} does not have its fingerprint."
            continue
        sealed, now = json.loads(version.manifest), manifest.rebuilt(version)
        for name in sealed:
            # The date is the publication's; late translations have leaves of their own.
            if name not in {"effective_at", "texts"} and sealed[name] != now[name]:
                yield "version-changed", where, f"{version}: {name} is not what was sealed."
        yield from _check_texts(version, sealed["texts"], now["texts"], where)


def _check_texts(
    version: Version, sealed: list[dict[str, str]], now: list[dict[str, str]], where: str
) -> Iterator[Found]:
    found = {text["language"]: text for text in now}
    languages = {entry["language"] for entry in sealed}
    late = {reference.partition("/")[2] for reference in _late_translations(version)}
    for entry in sealed:
        if found.get(entry["language"]) != entry:
            yield "text-changed", where, f"{version}, {entry['language']}: title or fingerprint is not what was sealed."
    for text in version.texts.all():
        if canonical.fingerprint(text.body) != text.sha256:
            yield "text-changed", where, f"{version}, {text.language}: the text does not have its fingerprint."
        if text.language not in late and text.language not in languages:
            yield "text-unlisted", where, f"{version}, {text.language}: a text was added without the ledger."


def _late_translations(version: Version) -> list[str]:
    return list(
        _leaves("translation").filter(reference__startswith=f"{version.pk}/").values_list("reference", flat=True)
    )


def _check_body(leaf: LedgerLeaf, where: str) -> Iterator[Found]:
    """The body a leaf carries, against its hash and its own columns."""
    if ledger.leaf_hash(leaf.body) != bytes(leaf.leaf_hash):
        yield "leaf-changed", where, "The leaf's body does not have its hash."
        return
    body = json.loads(leaf.body)
    if (body["kind"], body["reference"], body["at"]) != (leaf.kind, leaf.reference, ledger.instant(leaf.at)):
        yield "leaf-changed", where, "The leaf's columns are not what its body says."


def _among(references: list[UUID]) -> Q | Func:
    """Rows with one of these references. As one array where there are arrays: thousands of parameters cost as much."""
    if connection.vendor != "postgresql":
        return Q(subject_ref__in=references)
    given = Value(references, output_field=Field())
    return Func(F("subject_ref"), given, template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField())


def _open_belonging(leaf: LedgerLeaf, bound: Sequence[object], where: str, *, salt: bytes, binding: int) -> Opened:
    body = ledger.belonging_body(bound, reference=leaf.reference, at=leaf.at)
    if ledger.leaf_hash(ledger.canonical_json(body), salt=salt) != bytes(leaf.leaf_hash):
        said = "Whose act it was, or who acted for them, is not what was recorded."
        return Opened((("belonging-changed", where, said),))
    if binding != Act.Binding.DEED:
        return Opened((("act-changed", where, "The act is not of the binding it was made under."),))
    return Opened()


def _uuid_of(reference: str) -> UUID | None:
    """The reference of an act, unless somebody changed it into none."""
    try:
        return UUID(hex=reference)
    except ValueError:
        return None


def _leaves(kind: str) -> QuerySet[LedgerLeaf]:
    return LedgerLeaf.objects.filter(kind=kind)


def _version_of(leaf: LedgerLeaf) -> int:
    """The version a publication or a withdrawal is about; 0 for leaves about something else."""
    return int(leaf.reference) if leaf.kind in {"publication", "withdrawal"} and leaf.reference.isdigit() else 0


def _first_effect(version: Version) -> datetime | None:
    """The effective instant as first published, before any change of it."""
    first = version.date_changes.order_by("at", "id").first()
    return first.was_effective_at if first else version.effective_at


def _said(at: datetime | None) -> str | None:
    return ledger.instant(at) if at else None


def _logged_at(version: Version | None, at: datetime | None) -> datetime | None:
    """When the log says what was done at `at`: of a version under embargo once that ends."""
    return max(at, version.published_at) if at and version and version.published_at else at
