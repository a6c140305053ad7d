"""Carry a batch over SMTP, one mail after the other over a connection that is kept."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from policies.notices.returns import replies
from policies.notices.returns.replies import Phase, Reply, Verdict
from policies.notices.send import route, smtp, smtp_wire
from policies.notices.send.batch import Batch
from policies.notices.send.intentions import GiveUp
from policies.notices.write.recipients import Outgoing

MAILS_PER_CONNECTION = 500
# RFC 6531, 3.5: what a server says that knows the extension and not the mailbox's server; here we say it ourselves.
NO_SMTPUTF8 = Reply(553, "5.6.7 Not sent: our mail server takes no international addresses (SMTPUTF8).")


class Reconnect(Exception):
    """This connection is over; what waits goes over a new one."""


@dataclass
class Smtp:
    """One worker's way to one mail server."""

    server: smtp_wire.Server
    _session: smtp.Session | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.server.name

    def carry(self, batch: Batch) -> None:
        try:
            while batch.goes_on:
                with suppress(Reconnect):
                    Conversation(self, self.connect(), batch).carry()
        except smtp_wire.Broken as error:
            batch.hold_route(str(error))
        except smtp_wire.Refused as error:
            batch.turned_away(error.phase, error.reply)

    def connect(self) -> smtp.Session:
        """
        The kept connection, or a new one.

        :raises smtp_wire.Broken, smtp_wire.Refused: if there is none to be had
        """
        kept = self._session
        if kept and kept.is_fresh and kept.mails_sent < MAILS_PER_CONNECTION:
            return kept
        self.close()
        self._session = smtp.Session(self.server)
        return self._session

    def drop(self) -> None:
        if self._session:
            self._session.drop()
        self._session = None

    def close(self) -> None:
        if self._session:
            self._session.close()
        self._session = None


@dataclass
class Conversation:
    """A batch over one connection: MAIL, RCPT and DATA are answered, the intention is committed, the text goes out."""

    carrier: Smtp
    session: smtp.Session
    batch: Batch
    is_begun: bool = False
    started_at: datetime = field(init=False)

    def carry(self) -> None:
        self._begin()
        while self.is_begun:
            if self._is_open():
                self.batch.intend()
                self._hand_over()
            else:
                self._begin()

    def _begin(self) -> None:
        self.started_at = self.batch.now
        while self.batch.goes_on and not self._can_carry(self.batch.waiting[0]):
            self.batch.refused(Phase.RCPT, NO_SMTPUTF8, started_at=self.started_at)
        self.is_begun = self.batch.goes_on
        if self.is_begun:
            mail = self.batch.waiting[0]
            self.session.begin(sender=mail.sender, recipient=mail.recipient)

    def _can_carry(self, mail: Outgoing) -> bool:
        """An address in letters of other scripts needs a server that knows them (RFC 6531)."""
        return self.session.smtputf8 or mail.recipient.isascii()

    def _is_open(self) -> bool:
        """Read whether the server wants the text of the mail that was begun; what it refuses is dealt with here."""
        try:
            self.session.go_ahead()
        except smtp_wire.Refused as error:
            self._refused(error)
            return False
        except smtp_wire.Broken:
            self.carrier.drop()
            if self.session.has_worked:
                # Servers close connections that idled or carried enough; a new one shows what is really wrong.
                raise Reconnect from None
            raise
        return True

    def _hand_over(self) -> None:
        """The point of no return."""
        started_at = self.started_at
        mail = self.batch.take()
        self.session.send(mail.data)
        self._begin()
        try:
            reply = self.session.answer()
        except smtp_wire.Broken as error:
            self.carrier.drop()
            self.batch.lost(mail, error.why, started_at=started_at)
            raise Reconnect from None
        verdict = replies.judge(Phase.TEXT, reply)
        self.batch.answered(mail, Phase.TEXT, reply, verdict, started_at=started_at)
        if self.session.mails_sent == 1:
            route.free(name=self.carrier.name)
        if reply.code == 421:
            self.carrier.drop()
            raise Reconnect

    def _refused(self, error: smtp_wire.Refused) -> None:
        if replies.judge(error.phase, error.reply) == Verdict.ROUTE_HELD:
            self.carrier.drop()
            if self.session.has_worked:
                raise Reconnect
            self.batch.hold_route(str(error))
            raise GiveUp
        self.batch.refused(error.phase, error.reply, started_at=self.started_at)
        if error.phase == Phase.MAIL:
            self.batch.turned_away(error.phase, error.reply)
            raise GiveUp


def from_settings() -> Smtp:
    """The mail server that EMAIL_URL names."""
    return Smtp(
        smtp_wire.Server(
            host=settings.EMAIL_HOST,
            port=int(settings.EMAIL_PORT or 25),
            user=settings.EMAIL_HOST_USER or "",
            password=settings.EMAIL_HOST_PASSWORD or "",
            starttls=settings.EMAIL_USE_TLS,
            tls=settings.EMAIL_USE_SSL,
            timeout=settings.EMAIL_TIMEOUT,
            local_name=settings.MAIL_DOMAIN,
        )
    )
