"""What settings take: each kind reads the text of a variable, or says why it cannot."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cryptography import x509

ON, OFF = {"1", "on", "true", "yes"}, {"0", "off", "false", "no"}
# Characters: a shorter key can be guessed.
SHORTEST_SECRET = 16
# Bytes of public keys in signed notes, by their kind: of a log; of a witness, by Ed25519 and by ML-DSA-44.
OF_A_LOG, OF_WITNESSES = {b"\x01": 32}, {b"\x04": 32, b"\x06": 1312}


@dataclass(frozen=True)
class Kind:
    """
    :ivar words: what is taken, as in “Set it to a whole number from 0 to 10”
    :ivar read: gives the value, or raises ValueError, whose words say what is wrong if that is not plain
    :ivar nothing: the value where nothing is set and there is no default
    """

    words: str
    read: Callable[[str], Any]
    nothing: Any = None


def flag() -> Kind:
    def read(given: str) -> bool:
        if given.lower() not in ON | OFF:
            raise ValueError
        return given.lower() in ON

    return Kind("1 (on) or 0 (off)", read)


def whole(least: int, most: int) -> Kind:
    def read(given: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", given):
            raise ValueError
        number = int(given)
        if not least <= number <= most:
            raise ValueError
        return number

    return Kind(f"a whole number from {least:,} to {most:,}", read)


def seconds(least: float, most: float) -> Kind:
    def read(given: str) -> float:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", given):
            raise ValueError
        number = float(given)
        if not least <= number <= most:
            raise ValueError
        return number

    return Kind(f"a number from {least:,g} to {most:,g}", read)


def waits() -> Kind:
    one = whole(1, 30 * 24 * 60 * 60)
    return listed(Kind("whole numbers of seconds, each at least 1", one.read), made=list)


def text(longest: int) -> Kind:
    def read(given: str) -> str:
        if not given.isprintable() or len(given) > longest:
            raise ValueError
        return given

    return Kind(f"one line of at most {longest} characters", read, "")


def secret(shortest: int = SHORTEST_SECRET) -> Kind:
    def read(given: str) -> str:
        if len(given) < shortest:
            raise ValueError(f"It has {len(given)} characters.")
        if len(set(given)) < 5:
            raise ValueError("It repeats the same few characters.")
        if not given.isprintable():
            raise ValueError("It has a line break in it.")
        return given

    return Kind(f"{shortest} or more random characters", read, "")


def lasting_secret() -> Kind:
    """A secret that cannot be changed: one that is weaker than today's would be goes on, and a check says so."""

    def read(given: str) -> str:
        if not given.isprintable():
            raise ValueError("It has a line break in it.")
        return given

    return Kind(f"{SHORTEST_SECRET} or more random characters; a shorter one in use goes on", read, "")


def token() -> Kind:
    """A secret that travels in a header."""
    long_enough = secret()

    def read(given: str) -> str:
        if not re.fullmatch(r"[!-~]+", given):
            raise ValueError("Headers carry ASCII alone.")
        return str(long_enough.read(given))

    return Kind(f"{SHORTEST_SECRET} or more random characters (ASCII, no blanks)", read, "")


def header() -> Kind:
    """One field of a request, as a pair."""

    def read(given: str) -> tuple[str, str]:
        name, colon, value = given.partition(":")
        if not (colon and re.fullmatch(r"[A-Za-z0-9-]+", name) and re.fullmatch(r"[!-~]+(?: [!-~]+)*", value.strip())):
            raise ValueError("It is no header of ASCII in one line.")
        return name, value.strip()

    return Kind("a header, such as Authorization: Bearer 0123456789abcdef", read)


def seed() -> Kind:
    def read(given: str) -> bytes:
        try:
            key = base64.b64decode(given.strip(), validate=True)
        except ValueError as error:
            raise ValueError("It is not base64.") from error
        if len(key) != 32:
            raise ValueError(f"It holds {len(key)} bytes.")
        if len(set(key)) < 5:
            raise ValueError("It repeats the same few bytes.")
        return key

    return Kind("32 random bytes in base64: openssl rand -base64 32", read)


def one_of(values: Iterable[str], *, words: str = "") -> Kind:
    names = list(values)

    def read(given: str) -> str:
        if given not in names:
            raise ValueError
        return given

    return Kind(words or f"one of {', '.join(names)}", read, "")


def listed(kind: Kind, *, made: Callable[[Iterable[Any]], Any] = tuple, is_secret: bool = False) -> Kind:
    """Several, by commas. Which of them is wrong is said by its text, or where it is secret by its place."""

    def read(given: str) -> Any:
        return made([entry(number, each.strip()) for number, each in enumerate(given.split(","), start=1)])

    def entry(number: int, text: str) -> Any:
        if not text:
            raise ValueError("There is nothing between two commas, or at an end.")
        try:
            return kind.read(text)
        except ValueError as error:
            which = f"Number {number}" if is_secret else repr(text)
            raise ValueError(" ".join(filter(None, [f"{which} is none of them.", str(error)]))) from error

    return Kind(f"{kind.words}, by commas", read, made([]))


def tag() -> Kind:
    def read(given: str) -> str:
        if not re.fullmatch(r"[-\w]{1,50}", given, re.ASCII):
            raise ValueError
        return given

    return Kind("tags of letters, digits, hyphens and underscores", read)


def gate_path(left_open: Iterable[str]) -> Kind:
    """A path that may be held back; never one where people read, answer, sign in or leave."""

    def read(given: str) -> str:
        if not given.startswith("/") or not re.fullmatch(r"[!-~]+", given) or set(given) & set("?#*"):
            raise ValueError("The beginning of an address is a slash.")
        if any(page.startswith(given) for page in left_open):
            raise ValueError("People could not read, answer or leave any more.")
        return given

    return Kind("beginnings of addresses, such as /product/", read)


def folder() -> Kind:
    def read(given: str) -> str:
        if given.startswith("~"):
            raise ValueError("Nobody fills in the ~ here.")
        path = Path(_path(given)).resolve()
        first = next(each for each in (path, *path.parents) if each.exists())
        if not first.is_dir():
            raise ValueError(f"{first} is a file.")
        return str(path)

    return Kind("a folder", read, "")


def certificates() -> Kind:
    def read(given: str) -> str:
        try:
            found = x509.load_pem_x509_certificates(Path(_path(given)).read_bytes())
        except OSError as error:
            raise ValueError("It cannot be read.") from error
        if not found:
            raise ValueError("There is no certificate in it.")
        return given

    return Kind("a file with the root certificates of LEDGER_TSA_URL (PEM)", read, "")


def json_object() -> Kind:
    def read(given: str) -> dict[str, Any]:
        try:
            found = json.loads(given)
        except ValueError as error:
            raise ValueError("It is not JSON.") from error
        if not isinstance(found, dict):
            raise ValueError("It is JSON, and no object.")  # noqa: TRY004 - whoever reads it knows this one
        return found

    return Kind('an object in JSON, such as {"WEBHOOK_SECRET": "user:password"}', read, {})


def log_key(sizes: Mapping[bytes, int]) -> Kind:
    """A public key as signed notes write it: a name, the beginning of a hash over both, and the key after its kind."""

    def read(given: str) -> str:
        name, _plus, rest = given.partition("+")
        key_id, _plus, encoded = rest.partition("+")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if sizes.get(key[:1]) != len(key) - 1:
            raise ValueError("It holds no such key.")
        if hashlib.sha256(f"{name}\n".encode() + key).digest()[:4].hex() != key_id:
            raise ValueError("Its id is not that of its name and key.")
        return given

    return Kind("public keys, each name+id+key", read)


def witness() -> Kind:
    key = log_key(OF_WITNESSES)

    def read(given: str) -> tuple[str, str]:
        name, _blank, url = given.partition(" ")
        if not re.fullmatch(r"https?://[^\s/]+\S*", url.strip()):
            raise ValueError("Its address is missing after a blank.")
        return key.read(name), url.strip()

    return Kind("witnesses, each name+id+key https://witness.example", read)


def mail_provider() -> Kind:
    def read(given: str) -> str:
        # boto3 sends again by itself what may have been taken, and the record would not know.
        if given in {"amazon_ses", "base", "base_requests", "console", "test"}:
            raise ValueError(
                "It does not post by HTTP. For Amazon SES set EMAIL_URL to its SMTP server, such as"
                " smtp+tls://USER:PASSWORD@email-smtp.eu-west-1.amazonaws.com:587."
            )
        if not given.isidentifier() or find_spec(f"anymail.backends.{given}") is None:
            raise ValueError
        return given

    return Kind("a back end of django-anymail that posts by HTTP, such as postmark", read, "")


def _path(given: str) -> str:
    if not given.isprintable():
        raise ValueError("It has a line break in it.")
    return given
