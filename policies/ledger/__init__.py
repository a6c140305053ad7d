"""
The ledger: a leaf per event in the event's own transaction, sealed later into a signed Merkle tree (RFC 9162).

It lies below every stage, because every stage appends to it.
"""

from policies.ledger.leaves import (
    ACT_COLUMNS,
    BELONGING,
    SUBJECT_COLUMNS,
    act_body,
    act_leaf_hash,
    act_record,
    append,
    append_act,
    append_salted,
    belonging_body,
    canonical_json,
    entry_of,
    instant,
    leaf_hash,
    sha256_hex,
    swift_json,
    written_act_leaf_hash,
)
from policies.ledger.rows import bind, release, unbound_since
from policies.ledger.sealing import seal, seal_all

__all__ = [
    "ACT_COLUMNS",
    "BELONGING",
    "SUBJECT_COLUMNS",
    "act_body",
    "act_leaf_hash",
    "act_record",
    "append",
    "append_act",
    "append_salted",
    "belonging_body",
    "bind",
    "canonical_json",
    "entry_of",
    "instant",
    "leaf_hash",
    "release",
    "seal",
    "seal_all",
    "sha256_hex",
    "swift_json",
    "unbound_since",
    "written_act_leaf_hash",
]
