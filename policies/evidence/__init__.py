"""PROVE: what a person was told, shown and answered; receipts; verification; the evidence pack. Reads only."""

from policies.evidence.audit_trail import (
    Agreement,
    Applied,
    Basis,
    Entry,
    Receipt,
    agreements_of,
    announced_at,
    answers_of,
    applied_at,
    export_of,
    latest_answer,
    receipt_of,
    trail_of,
)
from policies.evidence.verifying import Finding, Report, verify

__all__ = [
    "Agreement",
    "Applied",
    "Basis",
    "Entry",
    "Finding",
    "Receipt",
    "Report",
    "agreements_of",
    "announced_at",
    "answers_of",
    "applied_at",
    "export_of",
    "latest_answer",
    "receipt_of",
    "trail_of",
    "verify",
]
