"""
An SMTP server that keeps every message and misbehaves on request:
`python -m tests.smtp_sink --port N --folder F`.

It appends one JSON line to F/messages.jsonl for each message it takes responsibility for, before it says so; and
it looks into F/faults.json, a list of faults (see `Fault`), at each step of each conversation.
"""

import argparse
import asyncio
import base64
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, AnyStr

from aiosmtpd.smtp import SMTP, Envelope, Session

from policysite.running import processes

ROOT = Path(__file__).parents[1]

HELLO = "sink.example"


@dataclass(frozen=True)
class Fault:
    """
    One way in which a mail server lets its clients down.

    `at` names the step: `connect` (instead of the banner), `mail`, `rcpt`, `data` (instead of 354), `body` (the
    connection drops after 354, before the dot), `dot` (the whole text is there, nothing is kept), `reply` (the
    text is kept, the answer is still to come). First `delay` seconds pass; then comes `reply`, such as
    "451 4.7.1 Try later", or what is usual when it is empty; with `drop`, the connection ends without a word.
    """

    at: str
    reply: str = ""
    drop: bool = False
    delay: float = 0
    recipient: str = ""  # a part of the recipient's address; empty: whoever
    times: int = 1_000_000_000


@dataclass(frozen=True)
class Message:
    """What the server took responsibility for."""

    at: datetime
    mail_from: str
    recipients: tuple[str, ...]
    data: bytes

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.data, policy=policy.default)


@dataclass
class Sink:
    """A sink as tests see it: a process, the messages it kept, and the faults it is asked for."""

    folder: Path
    port: int = field(default_factory=processes.free_port)
    process: processes.Process | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def messages(self) -> list[Message]:
        lines = self._file("messages.jsonl").read_text() if self._file("messages.jsonl").exists() else ""
        return [read(line) for line in lines.splitlines()]

    def messages_to(self, address: str) -> list[Message]:
        return [message for message in self.messages if address in message.recipients]

    def misbehave(self, *faults: Fault) -> None:
        """Ask for these faults from now on, and for no others."""
        draft = self._file("faults.new")
        draft.write_text(json.dumps([asdict(fault) for fault in faults]))
        draft.replace(self._file("faults.json"))

    def forget(self) -> None:
        """Behave again, and start with an empty mailbox."""
        self._file("faults.json").unlink(missing_ok=True)
        self._file("messages.jsonl").unlink(missing_ok=True)

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self._file("sink.log")
        command = [sys.executable, "-m", "tests.smtp_sink", "--port", str(self.port), "--folder", self.folder]
        self.process = processes.start(command, log=log, folder=ROOT)
        processes.wait_until(lambda: processes.answers(self.port), process=self.process, log=log, name="The SMTP sink")

    def stop(self) -> None:
        if self.process:
            processes.stop(self.process)

    def _file(self, name: str) -> Path:
        return self.folder / name


def read(line: str) -> Message:
    kept = json.loads(line)
    return Message(
        at=datetime.fromisoformat(kept["at"]),
        mail_from=kept["mail_from"],
        recipients=tuple(kept["recipients"]),
        data=base64.b64decode(kept["data"]),
    )


class Faults:
    """The faults asked for, counted down as they happen; a changed file starts the count again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stamp: tuple[int, int] | None = None
        self.left: list[Fault] = []

    def take(self, *, at: str, recipients: Sequence[str]) -> Fault | None:
        self._look()
        for index, fault in enumerate(self.left):
            if fault.at == at and fault.times > 0 and any(fault.recipient in address for address in recipients):
                self.left[index] = replace(fault, times=fault.times - 1)
                return fault
        return None

    def _look(self) -> None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            self.stamp, self.left = None, []
            return
        if self.stamp != (status.st_ino, status.st_mtime_ns):
            self.stamp = (status.st_ino, status.st_mtime_ns)
            self.left = [Fault(**each) for each in json.loads(self.path.read_text())]


class Keeper:
    """The handler: keeps messages, and asks at each step whether something is to go wrong."""

    def __init__(self, folder: Path) -> None:
        self.faults = Faults(folder / "faults.json")
        self.messages = folder / "messages.jsonl"

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = await self.suffer(server, at="mail", recipients=[""])
        if fault:
            return fault
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = await self.suffer(server, at="rcpt", recipients=[address])
        if fault:
            return fault
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        fault = await self.suffer(server, at="dot", recipients=envelope.rcpt_tos)
        if fault:
            return fault
        self.keep(envelope)
        return await self.suffer(server, at="reply", recipients=envelope.rcpt_tos) or "250 2.0.0 Kept"

    async def suffer(self, server: SMTP, *, at: str, recipients: Sequence[str]) -> str:
        """
        What to answer instead of going on; empty when all is well.

        :raises CancelledError: when the connection is to end; aiosmtpd itself makes this of a lost one
        """
        fault = self.faults.take(at=at, recipients=recipients)
        if not fault:
            return ""
        await asyncio.sleep(fault.delay)
        if fault.drop:
            hang_up(server)
            raise asyncio.CancelledError
        return fault.reply

    def keep(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        line = {
            "at": datetime.now(tz=UTC).isoformat(),
            "mail_from": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "data": base64.b64encode(content).decode(),
        }
        # One write with O_APPEND: a reader never sees half a line, a kill loses none that was answered for.
        descriptor = os.open(self.messages, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, (json.dumps(line) + "\n").encode())
        os.close(descriptor)


class Server(SMTP):
    """aiosmtpd's server, with the steps at which it offers no hook."""

    event_handler: Keeper

    async def push(self, status: AnyStr) -> None:
        await super().push(status)
        if isinstance(status, str) and status.startswith("421"):
            self.say_goodbye()

    async def _handle_client(self) -> None:
        banner = await self.event_handler.suffer(self, at="connect", recipients=[""])
        if banner:
            await self.push(banner)
            self.say_goodbye()
        else:
            await super()._handle_client()

    def say_goodbye(self) -> None:
        """Close, once what was said has been sent."""
        if self.transport:
            self.transport.close()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        recipients = self.envelope.rcpt_tos if self.envelope else ()
        if recipients:
            refusal = await self.event_handler.suffer(self, at="data", recipients=recipients)
            if refusal:
                await self.push(refusal)
                return
            if await self.breaks_off(recipients):
                return
        await super().smtp_DATA(arg)

    async def breaks_off(self, recipients: Sequence[str]) -> bool:
        """Whether the connection ended while the text was on its way."""
        fault = self.event_handler.faults.take(at="body", recipients=recipients)
        if fault:
            await self.push("354 Go on")
            await self._reader.readline()
            await asyncio.sleep(fault.delay)
            hang_up(self)
        return fault is not None


def hang_up(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


async def serve(*, port: int, folder: Path) -> None:
    keeper = Keeper(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: new_connection(keeper), host="127.0.0.1", port=port)
    await server.serve_forever()


def new_connection(keeper: Keeper) -> Any:
    return Server(keeper, hostname=HELLO, enable_SMTPUTF8=True)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    asyncio.run(serve(port=chosen.port, folder=chosen.folder))


if __name__ == "__main__":
    main(sys.argv[1:])
