"""
Signed heads of the tree: checkpoints as signed notes (c2sp.org/tlog-checkpoint, c2sp.org/signed-note), Ed25519.

A checkpoint is a text of a few lines that anybody can keep: whose log, how many leaves, their root, when; and a
signature. The date is an extension line, as the format allows.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from policies.ledger.leaves import instant

# The numbers of algorithms in signed notes.
ED25519, COSIGNATURE = b"\x01", b"\x04"


class NotSigned(ValueError):
    """The note has no signature by a known key, or it is no checkpoint."""


@dataclass(frozen=True)
class Head:
    """What a checkpoint says."""

    origin: str
    size: int
    root: bytes


def origin() -> str:
    """The log's name: the site's host and what it holds there."""
    return f"{urlsplit(settings.SITE_URL).netloc}/policy-log"


def sign(*, size: int, root: bytes, at: datetime) -> str:
    """Write and sign a checkpoint."""
    name = origin()
    text = f"{name}\n{size}\n{base64.b64encode(root).decode()}\nat {instant(at)}\n"
    key = Ed25519PrivateKey.from_private_bytes(settings.LEDGER_KEY)
    public = key.public_key().public_bytes_raw()
    signature = base64.b64encode(_key_id(name, public) + key.sign(text.encode())).decode()
    return f"{text}\n\u2014 {name} {signature}\n"


def sign_text(text: str) -> str:
    """Sign any text with the log's key; base64."""
    key = Ed25519PrivateKey.from_private_bytes(settings.LEDGER_KEY)
    return base64.b64encode(key.sign(text.encode())).decode()


def verifier() -> str:
    """The public key, as one line that verifiers of signed notes take: name, key id and key."""
    public = Ed25519PrivateKey.from_private_bytes(settings.LEDGER_KEY).public_key().public_bytes_raw()
    name = origin()
    return f"{name}+{_key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def with_lines(note: str, lines: Iterable[str]) -> str:
    """The note with more signatures below our own."""
    return note + "".join(f"{line}\n" for line in lines)


def is_cosigned(note: str, line: str, *, verifier: str) -> bool:
    """
    Whether `line` is this witness's signature over the note's text (c2sp.org/tlog-cosignature, cosignature/v1).

    It says: at this time it saw this head and, having seen earlier ones, knows that the log only grew.
    """
    name, _id, encoded = verifier.split("+", 2)
    key = base64.b64decode(encoded)
    dash, signer, given = [*line.split(" "), "", ""][:3]
    try:
        raw = base64.b64decode(given, validate=True)
    except ValueError:
        return False
    is_theirs = key[:1] == COSIGNATURE and (dash, signer, raw[:4]) == (
        "\u2014",
        name,
        _key_id(name, key[1:], COSIGNATURE),
    )
    if not is_theirs or len(raw) != 4 + 8 + 64:
        return False
    signed = f"cosignature/v1\ntime {int.from_bytes(raw[4:12], 'big')}\n{note.partition(chr(10) * 2)[0]}\n"
    try:
        Ed25519PublicKey.from_public_bytes(key[1:]).verify(raw[12:], signed.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def read(note: str, *, verifiers: tuple[str, ...]) -> Head:
    """
    Read a checkpoint that one of `verifiers` signed.

    :raises NotSigned: if none did, or the text is no checkpoint
    """
    text, found, signatures = note.partition("\n\n")
    if not found or not any(_is_signed_by(verifier, f"{text}\n", signatures) for verifier in verifiers):
        raise NotSigned("The checkpoint is not signed by a known key.")
    try:
        name, size, root, *_extensions = text.split("\n")
        return Head(origin=name, size=int(size), root=base64.b64decode(root, validate=True))
    except ValueError as error:
        raise NotSigned("The text is no checkpoint.") from error


def _is_signed_by(verifier: str, text: str, signatures: str) -> bool:
    name, _key_id_hex, encoded = verifier.split("+", 2)
    public = base64.b64decode(encoded)[1:]
    for line in signatures.splitlines():
        dash, signer, given = [*line.split(" "), "", ""][:3]
        if dash != "\u2014" or signer != name:
            continue
        raw = base64.b64decode(given)
        if raw[:4] != _key_id(name, public):
            continue
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())
        except InvalidSignature:
            continue
        return True
    return False


def _key_id(name: str, public: bytes, algorithm: bytes = ED25519) -> bytes:
    return hashlib.sha256(f"{name}\n".encode() + algorithm + public).digest()[:4]
