"""
A small SMTP client that shows its phases, so that the sender knows what is certain when a connection ends.

smtplib does greeting, STARTTLS and signing in; the exchange of mails is ours. Where the server offers PIPELINING
(RFC 2920), MAIL, RCPT and DATA travel together with the end of the mail before: one round trip a mail.
"""

from typing import Self

from policies.notices.returns.replies import Phase, Reply
from policies.notices.send.smtp_wire import Refused, Server, Wire, reply_of


class Session:
    """
    One connection. Per mail: `begin`, `go_ahead` (354 was read), then `send` and `answer`.

    `begin` for the next mail may follow `send` before `answer`: it then travels with the text.
    """

    def __init__(self, server: Server) -> None:
        """
        Connect and greet.

        :raises Broken: if the server cannot be reached or goes silent
        :raises Refused: if it turns us away
        """
        self.mails_sent = 0
        self._begun: tuple[bytes, ...] = ()
        self._wire = Wire(server)
        self.pipelining = self._wire.offers("pipelining")
        self.smtputf8 = self._wire.offers("smtputf8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, *, sender: str, recipient: str) -> None:
        """Ask to take a mail; nothing is read yet."""
        options = "" if recipient.isascii() and sender.isascii() else " SMTPUTF8"
        mail, rcpt = f"MAIL FROM:<{sender}>{options}\r\n".encode(), f"RCPT TO:<{recipient}>\r\n".encode()
        self._begun = (mail, rcpt, b"DATA\r\n")
        if self.pipelining:
            self._wire.write(b"".join(self._begun))

    def go_ahead(self) -> None:
        """
        Read the answers up to 354.

        :raises Refused: if the server takes no mail from us, or none for this recipient; the session goes on
        :raises Broken: if the connection ended: this mail was certainly not sent
        """
        refusal: Refused | None = None
        for phase, command in zip((Phase.MAIL, Phase.RCPT, Phase.DATA), self._begun, strict=True):
            if not self.pipelining:
                self._wire.write(command)
            code, said = self._wire.read(phase)
            if code == 421:
                raise Refused(phase, reply_of(code, said))
            wanted = 354 if phase == Phase.DATA else 250
            if refusal is None and code not in {wanted, 251}:
                refusal = Refused(phase, reply_of(code, said))
                if not self.pipelining:
                    break
            elif refusal and code == 354:
                # RFC 2920, 3.1: whoever gets 354 after all has to end the empty text.
                self._wire.write(b".\r\n", is_answered=True)
        if refusal:
            self._wire.write(b"RSET\r\n", is_answered=True)
            raise refusal

    def send(self, text: bytes) -> None:
        """Hand over the whole text, with CRLF line ends. The point of no return: it may go out at once."""
        # RFC 5321, 4.5.2: a line that starts with a dot gets another one.
        self._wire.write(text.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        self._wire.write_out(Phase.TEXT, above=1 << 16)

    def answer(self) -> Reply:
        """
        Read what the server said to the text.

        :raises Broken: if the connection ended: nobody knows whether the mail was taken
        """
        reply = reply_of(*self._wire.read(Phase.TEXT))
        self.mails_sent += 1
        return reply

    def close(self) -> None:
        """Say goodbye, and do not wait long for it."""
        self._wire.say_goodbye()

    def drop(self) -> None:
        """End the connection without a word."""
        self._wire.drop()

    @property
    def has_worked(self) -> bool:
        """Whether the server took part in at least one mail over this connection."""
        return self.mails_sent > 0

    @property
    def is_fresh(self) -> bool:
        """Whether the server will still know us: most of them close an idle connection after a while."""
        return self._wire.is_fresh
