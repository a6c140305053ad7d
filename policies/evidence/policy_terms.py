"""The terms of policies against their leaves: what is on record, what is in force, and the zone of each version."""

import json
from collections.abc import Iterator

from policies.authoring import manifest
from policies.models import LedgerLeaf, Policy, PolicyTerms

Found = tuple[str, str, str]


def leaf_differs(leaf: LedgerLeaf, where: str) -> Iterator[Found]:
    """Hold one leaf of recorded terms against its row, whose old values are those of the row before."""
    body = json.loads(leaf.body)
    row = PolicyTerms.objects.select_related("policy").filter(pk=leaf.reference).first()
    if row is None:
        yield "terms-changed", where, "The terms of this leaf were removed."
        return
    now = manifest.recorded_terms(row, before=body["before"])
    changed = sorted(name for name, value in now.items() if body.get(name) != value)
    if changed or leaf.at != row.at:
        yield "terms-changed", where, f"{row}: {', '.join(changed) or 'at'} is not what was recorded."
    before = row.policy.terms_on_record.filter(number=row.number - 1).first()
    if before and body["before"] != manifest.described_terms(before):
        yield "terms-changed", where, f"{row}: the terms before them are not those on record."


def policies_differ() -> Iterator[Found]:
    """Name policies whose terms are not the newest on record, and terms that no leaf knows."""
    listed = set(LedgerLeaf.objects.filter(kind="terms").values_list("reference", flat=True))
    for policy in Policy.objects.filter(versions__published_at__isnull=False).distinct().order_by("pk"):
        rows = list(policy.terms_on_record.order_by("number"))
        for row in rows:
            if str(row.pk) not in listed:
                yield "terms-unlisted", f"terms {row.pk}", f"{row} have no leaf: they were added without the ledger."
        if not rows:
            yield "terms-missing", f"policy {policy.pk}", f"{policy}: it was published, and no terms are on record."
            continue
        in_force = rows[-1].terms
        changed = sorted(name for name, value in policy.terms.items() if in_force[name] != value)
        if changed:
            yield "policy-changed", f"policy {policy.pk}", f"{policy}: {', '.join(changed)} is not what is on record."
        yield from _zones_differ(policy, rows)


def _zones_differ(policy: Policy, rows: list[PolicyTerms]) -> Iterator[Found]:
    """What was sealed before manifests named the zone keeps that of the first terms on record."""
    first = rows[0].time_zone
    for version in policy.versions.published():
        if manifest.fingerprint(version.manifest) != version.manifest_sha256:
            continue  # that is named where texts are looked at
        sealed = json.loads(version.manifest)
        zone = sealed["terms"]["time_zone"] if "terms" in sealed else first
        if version.time_zone != zone:
            yield "version-changed", f"version {version.pk}", f"{version}: its time zone is not the one on record."
