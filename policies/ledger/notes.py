"""
Signed heads of the tree: checkpoints as signed notes (c2sp.org/tlog-checkpoint, c2sp.org/signed-note), Ed25519.

A checkpoint is a text of a few lines that anybody can keep: whose log, how many leaves, their root, when; and a
signature. The date is an extension line, as the format allows. Witnesses add lines of their own
(c2sp.org/tlog-cosignature). Decision 085 says which parts of these formats are met.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from django.conf import settings

from policies.ledger.leaves import instant

# The kinds of signatures on notes, by their numbers: of a log; of a witness, by Ed25519 and by ML-DSA-44.
ED25519, COSIGNATURE, COSIGNATURE_ML_DSA = b"\x01", b"\x04", b"\x06"
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
LATEST = 2**63 - 1


class NotSigned(ValueError):
    """The note has no signature by a known key, or it is no checkpoint."""


@dataclass(frozen=True)
class Head:
    """What a checkpoint says; `at` as the line of ours says it, nothing where there is none."""

    origin: str
    size: int
    root: bytes
    at: str = ""


@dataclass(frozen=True)
class Verifier:
    """A public key as signed notes write it, in one line `name+id+key`: whose it is, its kind, and the key itself."""

    name: str
    kind: bytes
    key: bytes

    @classmethod
    def of(cls, line: str) -> "Verifier":
        """
        :raises ValueError: if it is no such line, or its id is not that of the name and the key
        """
        name, key_id, encoded = line.split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        found = cls(name, raw[:1], raw[1:])
        if found.key_id.hex() != key_id:
            raise ValueError(f"The key {line} does not have its id: it is {found.key_id.hex()}.")
        return found

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(f"{self.name}\n".encode() + self.kind + self.key).digest()[:4]

    def signature_in(self, line: str) -> bytes | None:
        """What follows our key id in a signature line with our name; None where the line is somebody else's."""
        dash, name, given = [*line.split(" "), "", ""][:3]
        try:
            raw = base64.b64decode(given, validate=True)
        except ValueError:
            return None
        return raw[4:] if (dash, name, raw[:4]) == ("\u2014", self.name, self.key_id) else None

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self.kind + self.key).decode()}"


def origin() -> str:
    """The log's name: the site's host and what it holds there."""
    return f"{urlsplit(settings.SITE_URL).netloc}/policy-log"


def sign(*, size: int, root: bytes, at: datetime) -> str:
    """Write and sign a checkpoint."""
    ours = _ours()
    text = f"{ours.name}\n{size}\n{base64.b64encode(root).decode()}\nat {instant(at)}\n"
    signature = base64.b64encode(ours.key_id + _key().sign(text.encode())).decode()
    return f"{text}\n\u2014 {ours.name} {signature}\n"


def sign_text(text: str) -> str:
    """Sign any text with the log's key; base64."""
    return base64.b64encode(_key().sign(text.encode())).decode()


def verifier() -> str:
    """The public key, as one line that verifiers of signed notes take: name, key id and key."""
    return str(_ours())


def with_lines(note: str, lines: Iterable[str]) -> str:
    """The note with more signatures below our own."""
    return note + "".join(f"{line}\n" for line in lines)


def is_cosigned(note: str, line: str, *, verifier: str) -> bool:
    """
    Whether `line` is this witness's signature over the note's head (c2sp.org/tlog-cosignature).

    It says: at this time it saw this head and, having seen earlier ones, knows that the log only grew. Nothing may hang
    on to the line: it is handed out as it is.
    """
    witness = Verifier.of(verifier)
    is_theirs = witness.kind in {COSIGNATURE, COSIGNATURE_ML_DSA} and line.count(" ") == 2
    signature = witness.signature_in(line) if is_theirs else None
    if signature is None or not 0 < (at := int.from_bytes(signature[:8], "big")) <= LATEST:
        return False
    return _is_good(witness, signature[8:], _cosigned(witness, f"{note.partition(chr(10) * 2)[0]}\n", at))


def read(note: str, *, verifiers: tuple[str, ...]) -> Head:
    """
    Read a checkpoint that one of `verifiers` signed.

    :raises NotSigned: if none did, or the text is no checkpoint
    """
    signer(note, verifiers=verifiers)
    return _head(note.partition("\n\n")[0])


def signer(note: str, *, verifiers: tuple[str, ...]) -> str:
    """
    Which of `verifiers` signed the note.

    :raises NotSigned: if none did, or a signature that says to be theirs is not: the standard has such a note refused
    """
    text, _blank, signatures = note.partition("\n\n")
    found = []
    for verifier in verifiers:
        known = Verifier.of(verifier)
        given = [signature for line in signatures.split("\n") if (signature := known.signature_in(line)) is not None]
        if not all(_is_good(known, signature, f"{text}\n".encode()) for signature in given):
            raise NotSigned("The checkpoint has a signature in the name of a known key that is not by that key.")
        found += [verifier] if given else []
    if not found:
        raise NotSigned("The checkpoint is not signed by a known key.")
    return found[0]


def _head(text: str) -> Head:
    """The head that the text of a note states, without the last newline."""
    try:
        name, size, root, *extensions = text.split("\n")
        said = next((line.removeprefix("at ") for line in extensions if line.startswith("at ")), "")
        head = Head(origin=name, size=int(size), root=base64.b64decode(root, validate=True), at=said)
    except ValueError as error:
        raise NotSigned("The text is no checkpoint.") from error
    if not (name and SIZE.fullmatch(size) and len(head.root) == 32 and all(extensions)):
        raise NotSigned("The text is no checkpoint.")
    return head


def _cosigned(witness: Verifier, text: str, at: int) -> bytes:
    """What a witness signs: for Ed25519 the whole text, for ML-DSA-44 the tree alone and the witness's own name."""
    if witness.kind == COSIGNATURE:
        return f"cosignature/v1\ntime {at}\n{text}".encode()
    head, name = _head(text.removesuffix("\n")), witness.name.encode()
    whose = head.origin.encode()
    start, end, time = (number.to_bytes(8, "big") for number in (0, head.size, at))
    said = (b"subtree/v1\n\0", bytes([len(name)]), name, time, bytes([len(whose)]), whose, start, end, head.root)
    return b"".join(said)


def _is_good(known: Verifier, signature: bytes, message: bytes) -> bool:
    public = MLDSA44PublicKey if known.kind == COSIGNATURE_ML_DSA else Ed25519PublicKey
    try:
        public.from_public_bytes(known.key).verify(signature, message)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(settings.LEDGER_KEY)


def _ours() -> Verifier:
    return Verifier(origin(), ED25519, _key().public_key().public_bytes_raw())
