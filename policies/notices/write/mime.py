"""
A notice's mail is built once per language; for each recipient only a few bytes are filled in.

The source is ASCII with CRLF line ends. In a quoted-printable part each place to fill in stands between soft line
breaks: whatever its length, no line gets too long.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_string
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.quoprimime import body_encode
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from html import escape

# Places to fill in. The token and the account stand inside parts, the others only in the head.
TOKEN = "fill-in-the-token-0000"  # noqa: S105 - a place, not a secret
ACCOUNT_TEXT, ACCOUNT_HTML = "fill-in-the-account-text", "fill-in-the-account-html"
INSIDE = (TOKEN, ACCOUNT_TEXT, ACCOUNT_HTML)
_INSIDE = re.compile(f"({'|'.join(map(re.escape, INSIDE))})")
TO, MESSAGE_ID, DATE = "X-Fill-To", "X-Fill-Message-ID", "X-Fill-Date"


@dataclass(frozen=True)
class Attachment:
    """A text file that goes with the mail."""

    filename: str
    subtype: str
    text: str


@dataclass(frozen=True)
class Mail:
    """What is the same for every recipient in one language. `headers` are never folded and may hold the token."""

    sender: str
    subject: str
    text: str
    html: str
    reply_to: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    attachments: Sequence[Attachment] = ()


@dataclass(frozen=True)
class Filling:
    """What differs from recipient to recipient."""

    to: str
    message_id: str
    written_at: datetime
    token: str = ""
    account: str = ""


class BadHeader(Exception):
    """A value with a line break cannot stand in a header."""


def build(mail: Mail) -> str:
    """
    Build the source of a mail.

    :raises BadHeader: if the subject, the sender or another header has a line break
    """
    message = EmailMessage(policy=SMTP.clone(max_line_length=78))
    message["MIME-Version"] = "1.0"
    body = _part("multipart/alternative")
    body.attach(_text_part(mail.text, "plain"))
    body.attach(_text_part(mail.html, "html"))
    if not mail.attachments:
        message["Content-Type"] = body["Content-Type"]
        message.set_payload(body.get_payload())
    else:
        message["Content-Type"] = "multipart/mixed"
        message.set_payload([body, *(_attached(each) for each in mail.attachments)])
    # Boundaries come from the content: the same mail is built to the same bytes.
    seed = hashlib.sha256(f"{mail.subject}\n{mail.text}\n{mail.html}".encode()).hexdigest()[:24]
    message.set_boundary(f"=_{seed}_mixed" if mail.attachments else f"=_{seed}_body")
    if mail.attachments:
        body.set_boundary(f"=_{seed}_body")
    reply_to = (("Reply-To", mail.reply_to),) if mail.reply_to else ()
    places = (("Date", DATE), ("Message-ID", MESSAGE_ID), ("To", TO), *reply_to, *mail.headers)
    # Encoded already, and folded by that where they are long.
    words = f"From: {_address(mail.sender)}\r\nSubject: {_encoded('Subject', mail.subject)}\r\n"
    return "".join(_line(header, value) for header, value in places) + words + message.as_bytes().decode("ascii")


def fill(source: str, filling: Filling) -> bytes:
    """The exact bytes to send."""
    before_date, before_id, before_to, *rest = _pieces(source)
    date = _date(filling.written_at.replace(microsecond=0))
    head = b"".join(
        (before_date, date, before_id, filling.message_id.encode(), before_to, filling.to.encode(), rest[0])
    )
    if len(rest) == 1:
        return head
    values = {
        TOKEN.encode(): filling.token.encode(),
        ACCOUNT_TEXT.encode(): _in_quoted_printable(filling.account),
        ACCOUNT_HTML.encode(): _in_quoted_printable(escape(filling.account)),
    }
    return head + b"".join(values.get(piece, piece) for piece in rest[1:])


def html_of(source: str) -> str:
    """The HTML part of a mail, with the places to fill in as they are."""
    part = message_from_string(source, policy=SMTP).get_body(("html",))
    return str(part.get_content()) if part else ""


@lru_cache(maxsize=32)
def _pieces(source: str) -> tuple[bytes, ...]:
    """What lies around the places to fill in: date, Message-ID, recipient, then those inside with what is between."""
    head, _, rest = source.partition(DATE)
    before_id, _, rest = rest.partition(MESSAGE_ID)
    before_to, _, rest = rest.partition(TO)
    return tuple(piece.encode() for piece in (head, before_id, before_to, *_INSIDE.split(rest)))


@lru_cache(maxsize=1024)
def _date(at: datetime) -> bytes:
    return format_datetime(at.astimezone(UTC)).encode()


def _line(header: str, value: str) -> str:
    """A header that must never be folded, such as List-Unsubscribe, which some providers then fail to read."""
    _refuse_line_breaks(header, value)
    return f"{header}: {value}\r\n"


def _encoded(header: str, words: str) -> str:
    """
    Words for a header: plain ASCII as it is, all others as encoded words (RFC 2047), folded between these.

    The folding of EmailMessage encodes word by word and loses the blanks between two of them.
    """
    _refuse_line_breaks(header, words)
    if words.isascii() and "=?" not in words:
        return words
    return Header(words, "utf-8", header_name=header, maxlinelen=75).encode(linesep="\r\n")


def _address(sender: str) -> str:
    """A name and an address: a name that is no plain word is quoted, one beyond ASCII encoded."""
    _refuse_line_breaks("From", sender)
    name, address = parseaddr(sender)
    if name.isascii():
        return str(Address(display_name=name, addr_spec=address))
    return f"{_encoded('From', name)} <{address}>"


def _refuse_line_breaks(header: str, value: str) -> None:
    if "\n" in value or "\r" in value:
        raise BadHeader(f"{header} has a line break: {value!r}")


def _part(kind: str) -> MIMEPart:
    part = MIMEPart(policy=SMTP)
    part["Content-Type"] = kind
    part.set_payload([])
    return part


def _text_part(text: str, subtype: str) -> MIMEPart:
    part = MIMEPart(policy=SMTP)
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(_quoted_printable(text))
    return part


def _attached(attachment: Attachment) -> MIMEPart:
    # Base64 carries the bytes as they are, so that the recipient's copy has the fingerprint that the mail names.
    part = MIMEPart(policy=SMTP)
    part["Content-Type"] = f'text/{attachment.subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "base64"
    part["Content-Disposition"] = "attachment"
    part.set_payload(base64.encodebytes(attachment.text.encode()).decode("ascii"))
    part.set_param("filename", attachment.filename, header="Content-Disposition")
    return part


def _quoted_printable(text: str) -> str:
    # Each byte as one character, as quoprimime wants it.
    lines = "\n".join(text.splitlines()) + "\n"
    encoded = body_encode(lines.encode().decode("latin-1"), maxlinelen=76, eol="\r\n")
    for place in INSIDE:
        encoded = _unfolded(encoded, place)
    return encoded


def _unfolded(encoded: str, place: str) -> str:
    """Put a place to fill in, wherever the encoder broke it, between soft line breaks of its own."""
    broken = "(?:=\r\n)?".join(re.escape(character) for character in place)
    return re.sub(f"(?<![\r\n]){broken}", f"=\r\n{place}=\r\n", encoded)


def _in_quoted_printable(words: str) -> bytes:
    """Words between soft line breaks, on lines of their own where they are long."""
    return body_encode(words.encode().decode("latin-1"), maxlinelen=76, eol="\r\n").encode()
