"""The versions in a pack: exact texts, what was sealed with them, their history, comparisons and promises."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from policies import ledger, publishing, rendering
from policies.authoring import manifest
from policies.evidence.pack import pages
from policies.evidence.pack.heads import Log
from policies.evidence.pack.scopes import Scope
from policies.evidence.pack.writing import csv_of, json_of
from policies.models import DateChange, LedgerLeaf, PolicyTerms, PromiseCheck, Version, VersionText
from policies.models.fields import Label


def files(versions: Sequence[Version], log: Log) -> Iterator[tuple[str, bytes]]:
    """Each version in each language, as it was hashed and as people read it, and who wrote and approved it."""
    yield "01-publications.json", json_of([_publication(version, log) for version in versions])
    yield "01-version-history.csv", csv_of(_history(versions))
    for version in versions:
        yield from _texts(version)
        yield from log.file(_leaf(version))
        for moved in version.date_changes.all():
            yield from log.file(_leaf_of_move(moved))


def redlines(scope: Scope, log: Log) -> Iterator[tuple[str, bytes]]:
    """Each pair that was on somebody's screen, and each version against the one before, with what binds them."""
    described = []
    pairs = {(act.compared_with, act.version) for act in scope.acts if act.compared_with}
    by_label = {(version.policy_id, version.label): version for version in scope.versions}
    by_pk = {version.pk: version for version in scope.versions}
    for version in scope.versions:
        before = by_label.get((version.policy_id, Label((version.number or 0) - 1)))
        before = by_pk.get(version.corrects_id) if version.corrects_id else before
        pairs |= {(before, version)} if before else set()
    for before, after in sorted(pairs, key=lambda pair: (pair[1].policy_id, pair[0].label, pair[1].label)):
        for text in after.texts.all():
            earlier = before.texts.filter(language=text.language).first()
            if earlier:
                files, said = _redline(earlier, text, log)
                described.append(said)
                yield from files
    yield "02-redlines.json", json_of(described)


def _redline(before: VersionText, after: VersionText, log: Log) -> tuple[list[tuple[str, bytes]], dict[str, object]]:
    """The files of one comparison, and what the log says of it: nothing, where it was made for this pack."""
    policy, numbers = after.version.policy, f"v{before.version.label}-v{after.version.label}"
    name = f"02-redline-{policy.slug}-{numbers}.{after.language}"
    row = rendering.bound_comparison(before, after)
    bound = pages.entry(row, log) if row else {"in_words": "Made for this pack from the two texts; not on record."}
    about = {"before": before.version_id, "after": after.version_id, "language": after.language, **bound}
    try:
        compared = rendering.comparison_of(before, after)
    except rendering.NotAsPublished as changed:
        return [], {**about, "files": {}, "in_words": str(changed)}
    files = {f"{name}.html": compared.inline_html.encode(), f"{name}.txt": compared.plain.encode()}
    return list(files.items()), {**about, "files": dict(zip(("inline_html", "plain"), files, strict=True))}


def promises(versions: Sequence[Version]) -> bytes:
    """The promise that governed each change, in its own words, and how the change stood against it."""
    return json_of([_promise(version) for version in versions])


def terms(versions: Sequence[Version], log: Log) -> Iterator[tuple[str, bytes]]:
    """
    All terms on record of each policy, the oldest first: those in force at an instant are the last ones before it.

    Terms apply to published versions at once, so whom a version asked, and how, is said by those in force then.
    """
    rows = PolicyTerms.objects.filter(policy__in={version.policy_id for version in versions})
    found = list(rows.select_related("policy", "proposed_by", "approved_by").order_by("policy__slug", "number"))
    listed = LedgerLeaf.objects.filter(kind="terms", reference__in=[str(row.pk) for row in found])
    leaves = {leaf.reference: leaf for leaf in listed}
    yield "07-terms.json", json_of([_terms(row, leaves.get(str(row.pk)), log) for row in found])
    for leaf in leaves.values():
        yield from log.file(leaf)


def _terms(row: PolicyTerms, leaf: LedgerLeaf | None, log: Log) -> dict[str, object]:
    return {
        "title": str(row),
        "body": json.loads(leaf.body) if leaf else {"kind": "terms", "reference": str(row.pk)},
        "proof": log.proof(leaf),
        "versions": [str(version.pk) for version in row.policy.versions.published().order_by("number", "correction")],
        "proposed_by": str(row.proposed_by or ""),
        "approved_by": str(row.approved_by or ""),
    }


def text_name(version: Version, language: str) -> str:
    return f"{pages.name_of(version, language)}.md"


def _publication(version: Version, log: Log) -> dict[str, object]:
    leaf = _leaf(version)
    return {
        "title": str(version),
        "body": json.loads(leaf.body) if leaf else {"reference": str(version.pk)},
        "proof": log.proof(leaf),
        "manifest_file": _manifest_name(version),
        "text_files": {text.language: text_name(version, text.language) for text in version.texts.all()},
        "told": {text.language: asdict(version.summary_in(text.language)) for text in version.texts.all()},
        "renderings": [pages.described(page, log) for text in version.texts.all() for page in pages.of(text)],
        "effective_at": ledger.instant(version.effective_at) if version.effective_at else None,
        "dates": [_moved(moved, log) for moved in version.date_changes.select_related("by")],
        "translations": [_translation(leaf, version, log) for leaf in _late(version).values()],
    }


def _moved(moved: DateChange, log: Log) -> dict[str, object]:
    """One change of the date: its entry in the log, and how the new date stood against the promise."""
    leaf = _leaf_of_move(moved)
    judged = PromiseCheck.objects.filter(date_change=moved).first()
    return {
        "body": json.loads(leaf.body) if leaf else {"reference": str(moved.pk)},
        "proof": log.proof(leaf),
        "from": ledger.instant(moved.was_effective_at),
        "to": ledger.instant(moved.effective_at),
        "changed_at": ledger.instant(moved.at),
        "by": str(moved.by),
        "lines": judged.lines if judged else None,
    }


def _leaf_of_move(moved: DateChange) -> LedgerLeaf | None:
    kind = publishing.BROUGHT_FORWARD if moved.is_earlier else publishing.POSTPONED
    return LedgerLeaf.objects.filter(kind=kind, reference=str(moved.pk)).first()


def _leaf(version: Version) -> LedgerLeaf | None:
    return LedgerLeaf.objects.filter(kind="publication", reference=str(version.pk)).first()


def _translation(leaf: LedgerLeaf, version: Version, log: Log) -> dict[str, object]:
    """A translation that came after publication, with its own entry in the log and what that binds."""
    body = json.loads(leaf.body)
    language = leaf.reference.partition("/")[2]
    sealed = _sealed_name(version, language) if "sealed_sha256" in body else None
    return {"language": language, "body": body, "proof": log.proof(leaf), "sealed_file": sealed}


def _late(version: Version) -> dict[str, LedgerLeaf]:
    """The leaves of late translations, by language."""
    leaves = LedgerLeaf.objects.filter(kind="translation", reference__startswith=f"{version.pk}/").order_by("id")
    return {leaf.reference.partition("/")[2]: leaf for leaf in leaves}


def _texts(version: Version) -> Iterator[tuple[str, bytes]]:
    yield _manifest_name(version), version.manifest.encode()
    late = {language for language, leaf in _late(version).items() if "sealed_sha256" in json.loads(leaf.body)}
    for text in version.texts.all():
        if text.language in late:
            yield _sealed_name(version, text.language), manifest.sealed(text).encode()
        yield text_name(version, text.language), text.body.encode()
        for page in pages.of(text):
            yield from pages.files(page)


def _history(versions: Sequence[Version]) -> Iterator[Sequence[object]]:
    yield (
        "policy", "number", "class", "tier", "reasons", "started_by", "started_at", "approved_by", "approved_at",
        "without_second_person", "published_at", "effective_at", "withdrawn_at", "witnessed", "manifest_sha256",
    )  # fmt: skip
    for version in versions:
        approval = version.reviews.filter(answer="approved").select_related("by").last()
        yield (
            version.policy.slug,
            str(version.label),
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
    check = version.promise_check
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
        "override_reason": _overrides(version, check),
    }  # fmt: skip


def _overrides(version: Version, check: PromiseCheck | None) -> str:
    return check.date_change.override_reason if check and check.date_change else version.override_reason


def _sealed_name(version: Version, language: str) -> str:
    return f"01-{version.policy.slug}-v{version.label}.{language}-sealed.json"


def _manifest_name(version: Version) -> str:
    return f"01-{version.policy.slug}-v{version.label}-manifest.json"
