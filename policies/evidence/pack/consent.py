"""Acts in the terms of ISO/IEC TS 27560:2023 (consent records), as JSON-LD with the W3C's DPV vocabulary."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.conf import settings

from policies import ledger
from policies.look import in_use
from policies.models import Act, ActSubject

STATES = {
    Act.Kind.AGREED: "dpv:ConsentGiven",
    Act.Kind.DECLINED: "dpv:ConsentRefused",
    Act.Kind.WITHDRAWN: "dpv:ConsentWithdrawn",
    Act.Kind.DISPLAYED: "dpv:ConsentRequested",
    Act.Kind.WAIVED: "dpv:ConsentUnknown",  # nobody consented: the desk let somebody off
}


def records(acts: Sequence[Act], subjects: Mapping[UUID, ActSubject]) -> dict[str, object]:
    """One record an act: who, which notice in which version, what happened when."""
    return {
        "@context": {"dpv": "https://w3id.org/dpv#"},
        "schema_version": "ISO/IEC TS 27560:2023",
        "records": [_record(act, subjects.get(act.subject_ref)) for act in acts],
    }


def _record(act: Act, subject: ActSubject | None) -> dict[str, object]:
    policy = act.version.policy
    return {
        "record_id": str(act.subject_ref),
        "pii_principal_id": subject.person.external_id or str(subject.person_id) if subject else None,
        "privacy_notice": f"{settings.SITE_URL}/p/{policy.slug}/v/{act.version.label}/",
        "privacy_notice_sha256": act.text_sha256,
        "language": act.language,
        "party_identification": {"name": in_use.organization(), "contact": policy.contact},
        "withdrawal_method": f"{settings.SITE_URL}/account/",
        "events": [
            {
                "event_time": ledger.instant(act.at),
                "event_type": act.kind,
                "event_state": STATES[Act.Kind(act.kind)],
                "entity_id": "data-subject" if not act.on_behalf else "representative",
            }
        ],
    }
