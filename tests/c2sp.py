"""
Another reader of signed heads, cosignatures and proofs, and a witness: by the words of c2sp.org, by none of our code.

signed-note, tlog-checkpoint, tlog-cosignature, tlog-witness and tlog-proof, as they stood in July 2026; hashes and
paths by RFC 6962, whose verifiers are written out here from RFC 9162, 2.1.3.2 and 2.1.4.2.
"""

import base64
import hashlib
import re
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

NOTE = re.compile("(?P<text>(?:[^\0-\x1f]*\n)+)\n(?P<signatures>(?:\u2014 [^ +\n]+ [A-Za-z0-9+/]+=*\n)+)")
DECIMAL = re.compile("0|[1-9][0-9]*")
LOG, COSIGNER, COSIGNER_ML_DSA = 0x01, 0x04, 0x06


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def vkey(name: str, kind: int, public: bytes) -> str:
    return "+".join((name, key_id(name, kind, public).hex(), base64.b64encode(bytes([kind]) + public).decode()))


@dataclass(frozen=True)
class Checkpoint:
    text: str
    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes], ...]


def read_checkpoint(note: str) -> Checkpoint:
    found = NOTE.fullmatch(note)
    assert found, "it is no signed note"
    origin, size, root, *_extensions = found["text"].removesuffix("\n").split("\n")
    assert origin
    assert DECIMAL.fullmatch(size)
    lines = [line.split(" ") for line in found["signatures"].removesuffix("\n").split("\n")]
    signatures = tuple((name, base64.b64decode(given, validate=True)) for _dash, name, given in lines)
    return Checkpoint(found["text"], origin, int(size), base64.b64decode(root, validate=True), signatures)


def signatures_of(checkpoint: Checkpoint, verifier: str) -> list[bytes]:
    """The signatures with the name and the id of this key, without the id."""
    name, known_id, _key = verifier.split("+", 2)
    return [raw[4:] for signer, raw in checkpoint.signatures if (signer, raw[:4].hex()) == (name, known_id)]


def verify_log(checkpoint: Checkpoint, verifier: str) -> None:
    name, known_id, encoded = verifier.split("+", 2)
    kind, public = base64.b64decode(encoded)[0], base64.b64decode(encoded)[1:]
    assert kind == LOG
    assert key_id(name, kind, public).hex() == known_id
    assert name == checkpoint.origin
    given = signatures_of(checkpoint, verifier)
    assert given, "no signature by this key"
    for signature in given:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, checkpoint.text.encode())


def verify_cosignature(checkpoint: Checkpoint, verifier: str) -> int:
    """When this witness says it saw the head, in seconds since 1970."""
    name, _id, encoded = verifier.split("+", 2)
    kind, public = base64.b64decode(encoded)[0], base64.b64decode(encoded)[1:]
    (raw,) = signatures_of(checkpoint, verifier)
    at = int(struct.unpack(">Q", raw[:8])[0])
    message = cosigned_message(checkpoint, name, kind, at)
    known = MLDSA44PublicKey if kind == COSIGNER_ML_DSA else Ed25519PublicKey
    known.from_public_bytes(public).verify(raw[8:], message)
    return at


def cosigned_message(checkpoint: Checkpoint, name: str, kind: int, at: int) -> bytes:
    if kind == COSIGNER:
        return f"cosignature/v1\ntime {at}\n{checkpoint.text}".encode()
    who, whose = name.encode(), checkpoint.origin.encode()
    parts = (b"subtree/v1\n\0", who, at, whose, 0, checkpoint.size, checkpoint.root)
    return struct.pack(f">12sB{len(who)}sQB{len(whose)}sQQ32s", parts[0], len(who), who, at, len(whose), *parts[3:])


@dataclass(frozen=True)
class Proof:
    extra: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: str


def read_proof(text: str) -> Proof:
    first, *lines = text.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    extra = base64.b64decode(lines.pop(0).removeprefix("extra "), validate=True) if lines[0][:6] == "extra " else b""
    word, index = lines.pop(0).split(" ")
    assert word == "index"
    assert DECIMAL.fullmatch(index)
    blank = lines.index("")
    path = tuple(base64.b64decode(line, validate=True) for line in lines[:blank])
    assert all(len(step) == 32 for step in path)
    return Proof(extra, int(index), path, "\n".join(lines[blank + 1 :]))


def record_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\0" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def verify_inclusion(proof: Proof, leaf: bytes, checkpoint: Checkpoint) -> None:
    assert proof.index < checkpoint.size
    fn, sn, r = proof.index, checkpoint.size - 1, leaf
    for p in proof.path:
        assert sn
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    assert not sn
    assert r == checkpoint.root


def is_consistent(old: int, old_root: bytes, new: int, new_root: bytes, path: list[bytes]) -> bool:
    if old == new:
        return not path and old_root == new_root
    path = path if old & (old - 1) else [old_root, *path]
    if not path:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if not sn:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return (fr, sr, sn) == (old_root, new_root, 0)


class Witness:
    """Signs what extends what it saw, for the logs whose keys it was given (tlog-witness, add-checkpoint)."""

    def __init__(
        self, *, logs: list[str], name: str = "witness.example", kind: int = COSIGNER, at: int = 1_780_000_000
    ) -> None:
        self.logs, self.name, self.kind, self.at, self.size, self.root = logs, name, kind, at, 0, b""
        seed = b"w" * 32
        ml_dsa = kind == COSIGNER_ML_DSA
        self.key = MLDSA44PrivateKey.from_seed_bytes(seed) if ml_dsa else Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self.key.public_key().public_bytes_raw()

    @property
    def verifier(self) -> str:
        return vkey(self.name, self.kind, self.public)

    def add_checkpoint(self, body: str) -> tuple[int, str]:
        """The status and the body of the answer."""
        head, _blank, note = body.partition("\n\n")
        old, *steps = head.split("\n")
        if not re.fullmatch(f"old ({DECIMAL.pattern})", old) or len(steps) > 63:
            return 400, ""
        checkpoint, size = read_checkpoint(note), int(old[4:])
        known = [key for key in self.logs if key.split("+")[0] == checkpoint.origin]
        signed = [key for key in known if signatures_of(checkpoint, key)]
        if not signed:
            return (403 if known else 404), ""
        for key in signed:
            verify_log(checkpoint, key)
        if size > checkpoint.size:
            return 400, ""
        if size != self.size:
            return 409, f"{self.size}\n"
        path = [base64.b64decode(step, validate=True) for step in steps]
        if path if not size else not is_consistent(size, self.root, checkpoint.size, checkpoint.root, path):
            return 422, ""
        self.size, self.root = checkpoint.size, checkpoint.root
        return 200, f"{self.line(note)}\n"

    def line(self, note: str) -> str:
        message = cosigned_message(read_checkpoint(note), self.name, self.kind, self.at)
        raw = key_id(self.name, self.kind, self.public) + struct.pack(">Q", self.at) + self.key.sign(message)
        return f"\u2014 {self.name} {base64.b64encode(raw).decode()}"
