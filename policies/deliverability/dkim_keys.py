"""Keys of DomainKeys Identified Mail (RFC 6376, 8301, 8463), as the DNS has them at `selector._domainkey.domain`."""

import base64
import re
from collections.abc import Iterator, Mapping

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from policies.deliverability import faults, tags
from policies.deliverability.dns_answers import Answers
from policies.deliverability.faults import Finding

MARK = "._domainkey."
# Bits: below the first no receiver counts it (RFC 8301, 3.2), below the second providers advise against it.
FEWEST, ENOUGH = 1024, 2048
ED25519_BYTES = 32


def domain_of(key: str) -> str:
    """The domain in whose name a key signs (d=)."""
    return key.partition(MARK)[2]


def findings(key: str, answers: Answers) -> Iterator[Finding]:
    """
    What is wrong with the key of this name.

    :raises NotKnown: if the DNS does not say
    """
    found = answers.texts(key)
    if not found:
        yield faults.found("dkim-missing", key)
    elif len(found) > 1:
        yield faults.found("dkim-two", key, n=len(found))
    else:
        try:
            yield from _of_tags(key, tags.read(found[0]))
        except tags.NotTags as error:
            yield faults.found("dkim-syntax", key, why=error)


def is_of_ed25519(key: str, answers: Answers) -> bool:
    """Whether a key is one that many receivers cannot check. :raises NotKnown: if the DNS does not say"""
    return any(re.search(r"\bk\s*=\s*ed25519\b", text) for text in answers.texts(key))


def _of_tags(key: str, given: Mapping[str, str]) -> Iterator[Finding]:
    if "v" in given and (given["v"] != "DKIM1" or next(iter(given)) != "v"):
        yield faults.found("dkim-version", key, value=given["v"])
    if "p" not in given:
        yield faults.found("dkim-syntax", key, why="p is missing")
        return
    if "sha256" not in _listed(given.get("h", "sha256")):
        yield faults.found("dkim-hash", key, value=given["h"])
    if not {"*", "email"} & set(_listed(given.get("s", "*"))):
        yield faults.found("dkim-service", key, value=given["s"])
    if "y" in _listed(given.get("t", "")):
        yield faults.found("dkim-testing", key)
    kind = given.get("k", "rsa").lower()
    if kind not in {"rsa", "ed25519"}:
        yield faults.found("dkim-type", key, value=kind)
    elif not given["p"]:
        yield faults.found("dkim-revoked", key)
    else:
        yield from _of_bytes(key, kind, given["p"])


def _of_bytes(key: str, kind: str, encoded: str) -> Iterator[Finding]:
    try:
        public = base64.b64decode("".join(encoded.split()), validate=True)
        if kind == "ed25519":
            if len(public) != ED25519_BYTES:
                yield faults.found("dkim-other-key", key, value=kind)
            return
        found = load_der_public_key(public)
    except (ValueError, UnsupportedAlgorithm):
        yield faults.found("dkim-unreadable", key)
        return
    if not isinstance(found, RSAPublicKey):
        yield faults.found("dkim-other-key", key, value=kind)
    elif found.key_size < FEWEST:
        yield faults.found("dkim-short", key, bits=found.key_size)
    elif found.key_size < ENOUGH:
        yield faults.found("dkim-1024", key, bits=found.key_size)


def _listed(value: str) -> list[str]:
    return [each.strip().lower() for each in value.split(":")]
