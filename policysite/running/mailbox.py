"""
The demo's mail server: `-m policysite.running.mailbox --port N --folder F` keeps every message as a file F/*.eml.
"""

import argparse
import asyncio
import itertools
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Keeper:
    """Takes responsibility for every message, and delivers none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,
        envelope: Envelope,  # noqa: ARG002
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
    ) -> str:
        name = f"{time.time_ns()}-{next(self.numbers)}"
        draft = self.folder / f"{name}.new"
        # As servers that deliver do: a blind copy names its recipients nowhere else.
        delivered_to = "".join(f"Delivered-To: {recipient}\r\n" for recipient in envelope.rcpt_tos)
        draft.write_bytes(delivered_to.encode() + (envelope.original_content or b""))
        draft.replace(self.folder / f"{name}.eml")
        return "250 2.0.0 Kept"


async def serve(*, port: int, folder: Path) -> None:
    keeper = Keeper(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="mailbox.example", enable_SMTPUTF8=True), host="127.0.0.1", port=port
    )
    await server.serve_forever()


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    asyncio.run(serve(port=chosen.port, folder=chosen.folder))


if __name__ == "__main__":
    main(sys.argv[1:])
