"""
Append a leaf in the transaction of the event it stands for.

Leaves get their dense index and their place in a signed tree later, from the sealer: a chain inside the transaction
would make every writer wait for the last.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import Any

import orjson

from policies.models import Act, ActSubject, LedgerLeaf

# What of an act its leaf binds: the names in the record, and where the values are.
_ACT = {
    "act": "kind",
    "version": "version_id",
    "language": "language",
    "text_sha256": "text_sha256",
    "manifest_sha256": "manifest_sha256",
    "undoes": "undoes__subject_ref",
    "compared_with": "compared_with_id",
    "on_behalf": "on_behalf",
    "imported": "imported",
    "method": "method",
    "strength": "strength",
    "source": "source",
    "screen": "screen__sha256",
    "wording": "wording",
    "locale": "locale",
    "render_id": "render_id",
    "client_time": "client_time",
    "gpc": "gpc",
    "displayed_at": "displayed_at",
    "rendering": "rendering__sha256",
}
ACT_COLUMNS = tuple(_ACT.values())
# What lies with the person and is bound too; an act of the older binding has the first alone, and a leaf BELONGING.
SUBJECT_COLUMNS = ("remark", "person_id", "acted_by_id")
BELONGING = "belonging"
LEAF_PREFIX = b"\x00"  # RFC 9162, 2.1.1: leaves and nodes must not be mistaken for each other


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_json(value: Mapping[str, object]) -> str:
    """Serialize as RFC 8785 asks: sorted keys, no blanks, UTF-8. Floats are refused, since their form is a trap."""
    _refuse_floats(value)
    return _ENCODER.encode(value)


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("A canonical record holds no floats: write the number as an integer or as text.")
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    for part in parts:
        _refuse_floats(part)


def leaf_hash(body: str, *, salt: bytes = b"") -> bytes:
    """H(0x00 || salt || canonical JSON), 32 bytes; the salt lies where it can be deleted (SECURITY, erasure)."""
    return hashlib.sha256(LEAF_PREFIX + entry_of(body, salt=salt)).digest()


def entry_of(body: str, *, salt: bytes = b"") -> bytes:
    """What a leaf is the hash of, after the prefix: what a log's entry is to other tools (c2sp.org/tlog-proof)."""
    return salt + body.encode()


def sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def instant(at: datetime) -> str:
    """An instant as it is written into records: UTC, microseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def append(*, kind: str, reference: str, body: Mapping[str, object], at: datetime) -> LedgerLeaf:
    """Append a leaf whose body is public, such as a publication. Belongs in the transaction of the event itself."""
    text = canonical_json({"kind": kind, "reference": reference, "at": instant(at), **body})
    return LedgerLeaf.objects.create(kind=kind, reference=reference, leaf_hash=leaf_hash(text), body=text, at=at)


def append_salted(*, kind: str, reference: str, body: Mapping[str, object], salt: bytes, at: datetime) -> LedgerLeaf:
    """Append a leaf whose body lies in its own tables and can be opened only with `salt` (32 bytes), such as an act."""
    text = canonical_json({"kind": kind, "reference": reference, "at": instant(at), **body})
    return LedgerLeaf.objects.create(kind=kind, reference=reference, leaf_hash=leaf_hash(text, salt=salt), at=at)


def append_act(*, act: Act, subject: ActSubject, at: datetime) -> LedgerLeaf:
    """Append an act's leaf: what it says is in the two rows, and only the salt shows that the leaf is theirs."""
    body = act_body(act, subject)
    return append_salted(kind="act", reference=act.subject_ref.hex, body=body, salt=bytes(subject.salt), at=at)


def act_body(act: Act, subject: ActSubject | None) -> dict[str, object]:
    """Everything of an act that its leaf binds, as JSON; of an erased person's, what is left of it."""
    bound = tuple(getattr(subject, name) for name in SUBJECT_COLUMNS) if subject else ("", None, None)
    return _act_body([_reached(act, name) for name in ACT_COLUMNS], bound, binding=act.binding)


def act_record(act: Act, subject: ActSubject | None) -> dict[str, object]:
    """The same with the head that every leaf has: what the leaf is the hash of, after the salt."""
    return {"kind": "act", "reference": act.subject_ref.hex, "at": instant(act.at), **act_body(act, subject)}


def act_leaf_hash(
    row: Sequence[Any], bound: Sequence[Any], *, binding: int, reference: str, at: datetime, salt: bytes
) -> bytes:
    """
    The hash of an act's leaf, from rows of ACT_COLUMNS and SUBJECT_COLUMNS: for millions, without an object for each.

    The columns hold no floats, so nothing is searched for any.
    """
    head = {"kind": "act", "reference": reference, "at": instant(at)}
    return leaf_hash(_ENCODER.encode(head | _act_body(row, bound, binding=binding)), salt=salt)


def written_act_leaf_hash(act: tuple[Any, ...], subject: tuple[Any, ...]) -> bytes:
    """
    The same from two rows with references and instants as they are written in records.

    `act` is reference, instant, binding and ACT_COLUMNS; `subject` reference, salt and SUBJECT_COLUMNS.
    """
    names, places = _layout(act[2])
    entry = swift_json(dict(zip(names, places((*act, *subject, "act")), strict=True)))
    return hashlib.sha256(LEAF_PREFIX + subject[1] + entry).digest()


@cache
def _layout(binding: int) -> tuple[tuple[str, ...], "itemgetter[Any]"]:
    """Under which names the values of these rows, one after the other, are bound: sorted, with the place of each."""
    first, second = 3, 3 + len(_ACT) + 2
    remark, person, acted_by, kind = range(second, second + len(SUBJECT_COLUMNS) + 1)
    columns: dict[str, object] = dict(zip(_ACT, range(first, second - 2), strict=True))
    head: dict[str, object] = {"kind": kind, "reference": 0, "at": 1}
    places = head | _with_subject(columns, (remark, person, acted_by), binding=binding)
    return tuple(sorted(places)), itemgetter(*(places[name] for name in sorted(places)))


def swift_json(value: Mapping[str, object]) -> bytes:
    """The bytes of `canonical_json` in a tenth of the time, for what is known to hold no floats and no objects."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # what it does not write, such as numbers above 64 bits
        return canonical_json(value).encode()


def belonging_body(bound: Sequence[Any], *, reference: str, at: datetime) -> dict[str, object]:
    """What the leaf BELONGING of an act of the older binding says, from its row of SUBJECT_COLUMNS."""
    _remark, person, acted_by = bound
    return {"kind": BELONGING, "reference": reference, "at": instant(at), "person": person, "acted_by": acted_by}


def _act_body(row: Sequence[Any], bound: Sequence[Any], *, binding: int) -> dict[str, object]:
    body = dict(zip(_ACT, row, strict=True))
    undoes, displayed_at = body["undoes"], body["displayed_at"]
    body["undoes"] = undoes.hex if undoes else None
    body["displayed_at"] = instant(displayed_at) if displayed_at else None
    return _with_subject(body, bound, binding=binding)


def _with_subject(body: dict[str, object], bound: Sequence[Any], *, binding: int) -> dict[str, object]:
    body["remark"], person, acted_by = bound
    if binding < Act.Binding.RENDERING:
        del body["rendering"]
    if binding >= Act.Binding.PERSON:
        body |= {"person": person, "acted_by": acted_by}
    return body


def _reached(act: Act, name: str) -> Any:
    """The value of a column, through a relation where the name has one; None where that is empty."""
    relation, _through, column = name.partition("__")
    found = getattr(act, relation)
    return getattr(found, column) if column and found is not None else found
