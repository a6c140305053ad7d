"""What the demo's mail server kept: one file a mail, read back for the mailbox pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from functools import lru_cache
from pathlib import Path

NAME = re.compile(r"[\w.@+=-]+\.eml", re.ASCII)
_HEADERS = BytesHeaderParser(policy=policy.default)


class NoSuchMail(LookupError):
    """There is no mail of this name."""


@dataclass(frozen=True)
class Envelope:
    """One line of the list."""

    name: str
    at: datetime
    sender: str
    to: tuple[str, ...]
    subject: str


@dataclass(frozen=True)
class Mail:
    """One mail as its reader sees it; `html` is None for a mail of text alone."""

    envelope: Envelope
    text: str
    html: str | None
    source: str
    attachments: tuple[str, ...]


@dataclass(frozen=True)
class Mailbox:
    """A folder of mails."""

    folder: Path

    def envelopes(self, address: str = "") -> Iterator[Envelope]:
        """Yield the mails to addresses that contain `address`, the newest first."""
        paths = [path for path in self.folder.glob("*.eml") if NAME.fullmatch(path.name)]
        stamped = sorted(((path.stat().st_mtime_ns, path) for path in paths), reverse=True)
        for stamp, path in stamped:
            envelope = _envelope(path, stamp)
            if any(address.casefold() in to.casefold() for to in envelope.to):
                yield envelope

    def mail(self, name: str) -> Mail:
        """
        Read one mail.

        :raises NoSuchMail: if there is none of this name
        """
        path = self.folder / name
        if not NAME.fullmatch(name) or not path.is_file():
            raise NoSuchMail(name)
        source = path.read_bytes()
        message = message_from_bytes(source, policy=policy.default)
        return Mail(
            envelope=_envelope(path, path.stat().st_mtime_ns),
            text=_content(message, "plain") or "",
            html=_content(message, "html"),
            source=source.decode(errors="replace"),
            attachments=tuple(part.get_filename() or part.get_content_type() for part in message.iter_attachments()),
        )


@lru_cache(maxsize=10_000)
def _envelope(path: Path, stamp: int) -> Envelope:
    """Read the headers of one file once; `stamp` is its time in nanoseconds."""
    with path.open("rb") as file:
        headers = _HEADERS.parse(file)
    return Envelope(
        name=path.name,
        at=datetime.fromtimestamp(stamp / 1e9, tz=UTC),
        sender=str(headers.get("From", "")),
        to=tuple(address for _name, address in getaddresses(_recipients(headers))),
        subject=str(headers.get("Subject", "")),
    )


def _recipients(headers: Message) -> list[str]:
    """Whom the envelope named, as the mail server noted it; blind copies name nobody else."""
    return [str(to) for to in headers.get_all("Delivered-To") or headers.get_all("To") or []]


def _content(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else None
