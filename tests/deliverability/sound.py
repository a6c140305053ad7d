"""A mail domain with which nothing is wrong, for tests that break one thing of it."""

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from ipaddress import ip_address

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from policies.deliverability.examining import Senders

SERVER = "198.51.100.7"
REVERSE = "7.100.51.198.in-addr.arpa"
KEY = "s1._domainkey.example.org"
WAY_OUT = {
    "List-Unsubscribe": "<https://policies.example.org/follow/token/>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}
SENDERS = Senders(
    legal="legal@example.org",
    alerts="alerts@example.org",
    return_path="example.org",
    sent_from=(ip_address(SERVER),),
    dkim_keys=(KEY,),
    way_out=WAY_OUT,
)


@cache
def rsa_key(bits: int = 2048) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def dkim(**tags: str) -> str:
    return "; ".join(f"{tag}={value}" for tag, value in {"v": "DKIM1", "k": "rsa", "p": rsa_key(), **tags}.items())


def records() -> Mapping[tuple[str, str], Sequence[str]]:
    return {
        ("example.org", "MX"): ["10 mail.example.org."],
        ("mail.example.org", "A"): [SERVER],
        (REVERSE, "PTR"): ["mail.example.org."],
        ("example.org", "TXT"): ["site-verification=1", f"v=spf1 ip4:{SERVER} -all"],
        (KEY, "TXT"): [dkim()],
        ("_dmarc.example.org", "TXT"): ["v=DMARC1; p=reject; rua=mailto:dmarc@example.org"],
    }


def hand_made(bits: int) -> str:
    """A key that looks like RSA, in DER: libraries make none so short any more."""

    def part(tag: int, content: bytes) -> bytes:
        size = len(content)
        length = (
            bytes([size])
            if size < 128
            else bytes([0x80 + (size.bit_length() + 7) // 8]) + size.to_bytes((size.bit_length() + 7) // 8)
        )
        return bytes([tag]) + length + content

    modulus = (1 << (bits - 1)) + (1 << (bits // 2)) + 1
    numbers = part(0x30, part(2, b"\0" + modulus.to_bytes(bits // 8)) + part(2, (65537).to_bytes(3)))
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    return base64.b64encode(part(0x30, algorithm + part(3, b"\0" + numbers))).decode()
