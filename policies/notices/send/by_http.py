"""
Carry a batch through a mail provider's HTTP interface, with one of django-anymail's back ends.

The intention is committed before the POST. What is known to have ended before the request was written is certainly
unsent; whoever answers 5xx, or nothing, may have taken the mail: that is uncertain, unless the provider takes a request
under one key for one request.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import requests  # the adapter that may: what its answers mean is decided here  # noqa: TID251
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
)
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, SSLError

from policies.notices.returns import bounces, replies
from policies.notices.returns.replies import Phase, Reply, Verdict
from policies.notices.send import retrying, route
from policies.notices.send.batch import Batch
from policies.notices.send.intentions import GiveUp
from policies.notices.write.recipients import Outgoing

# For how long a provider knows the key of a request again, and answers a second one without sending twice.
# https://resend.com/docs/dashboard/emails/idempotency-keys
KEYS_KNOWN_FOR = {"resend": timedelta(hours=24)}
# A try this close to the end of that time may come too late.
MARGIN = timedelta(hours=1)
# What the provider puts together anew from the parts of a mail.
OWN_HEADERS = {"from", "to", "subject", "mime-version", "content-type", "content-transfer-encoding"}
UNWRITTEN = (NewConnectionError, ConnectTimeoutError, SSLError)


@dataclass
class Http:
    """One worker's way to one provider, by the name of its back end in django-anymail."""

    provider: str
    timeout: float = 60
    _backend: Any = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.provider

    @property
    def key_known_for(self) -> timedelta | None:
        return KEYS_KNOWN_FOR.get(self.provider)

    def carry(self, batch: Batch) -> None:
        try:
            self._connect()
        except AnymailConfigurationError as error:
            batch.pause(f"{self.provider} is not set up: {error}")
            return
        while batch.goes_on:
            started_at = batch.now
            if self._is_forgotten(batch.waiting[0], at=started_at):
                why = "The provider no longer knows the key of the first try."
                batch.lost(batch.take(), why, phase=Phase.LOST, started_at=started_at)
                continue
            batch.intend()
            self._post(batch, batch.take(), started_at)

    def drop(self) -> None:
        self.close()

    def close(self) -> None:
        if self._backend:
            self._backend.close()
        self._backend = None

    def _post(self, batch: Batch, mail: Outgoing, started_at: datetime) -> None:
        """The point of no return."""
        message = message_of(mail)
        try:
            if self.key_known_for:
                self._backend.session.headers["Idempotency-Key"] = mail.message_id.strip("<>")
            self._backend.send_messages([message])
        except AnymailRecipientsRefused as error:
            batch.answered(mail, Phase.TEXT, _reply(error, message), Verdict.REFUSED, started_at=started_at)
        except AnymailInvalidAddress as error:
            batch.answered(mail, Phase.RCPT, Reply(501, str(error)[:300]), Verdict.REFUSED, started_at=started_at)
        except AnymailAPIError as error:
            self._failed(batch, mail, error, _reply(error, message), started_at)
        except AnymailError as error:
            # Nothing was posted: the provider cannot do what we ask of it.
            reply = Reply(0, f"{type(error).__name__}: {error}"[:300])
            batch.answered(mail, Phase.CONNECT, reply, Verdict.OURS, started_at=started_at)
            batch.pause(f"Mail cannot be handed to {self.provider}: {reply}")
            raise GiveUp from error
        else:
            batch.answered(mail, Phase.TEXT, _reply(None, message), Verdict.ACCEPTED, started_at=started_at)
            if batch.sent == 1:
                route.free(name=self.name)

    def _failed(self, batch: Batch, mail: Outgoing, error: AnymailAPIError, reply: Reply, started_at: datetime) -> None:
        if _is_unwritten(error):
            batch.held_back(mail, Phase.CONNECT, reply, started_at=started_at)
            raise GiveUp from error
        verdict = replies.judge_http(reply.code)
        if verdict == Verdict.ROUTE_HELD:
            batch.held_back(mail, Phase.TEXT, reply, started_at=started_at, at_least=_retry_after(error))
            raise GiveUp from error
        if verdict == Verdict.UNCERTAIN and not self._may_repeat(mail, batch.now):
            batch.lost(mail, f"{reply}", started_at=started_at)
            return
        if verdict == Verdict.UNCERTAIN:
            verdict = Verdict.DEFERRED
        batch.answered(mail, Phase.TEXT, reply, verdict, started_at=started_at)
        if verdict == Verdict.OURS:
            batch.pause(f"{self.provider} turned us away ({reply}).")
            raise GiveUp from error

    def _may_repeat(self, mail: Outgoing, at: datetime) -> bool:
        """Whether the next try comes while the provider still knows this one's key: then it cannot make a copy."""
        if self.key_known_for is None:
            return False
        again_at = retrying.next_attempt_at(delivery_id=mail.delivery.id, tries=mail.delivery.attempts + 1, at=at)
        return again_at + MARGIN < (mail.delivery.written_at or at) + self.key_known_for

    def _is_forgotten(self, mail: Outgoing, *, at: datetime) -> bool:
        """Whether there were tries under a key that the provider has forgotten since, of which none is on the list."""
        first, known_for = mail.delivery.written_at, self.key_known_for
        is_over = first is not None and known_for is not None and at + MARGIN > first + known_for
        return is_over and not mail.delivery.uncertain_tries

    def _connect(self) -> None:
        if self._backend is None:
            backend = get_connection(f"anymail.backends.{self.provider}.EmailBackend", timeout=self.timeout)
            backend.open()
            self._backend = backend


def message_of(mail: Outgoing) -> EmailMultiAlternatives:
    """
    A mail in the parts that providers take: they put them together themselves.

    The record's hash is of the source that went into it, which can be made again; the provider's own is not known.
    """
    source = message_from_bytes(mail.data, policy=policy.default)
    text, html = source.get_body(("plain",)), source.get_body(("html",))
    message = EmailMultiAlternatives(
        subject=str(source["Subject"]),
        body=text.get_content() if text else "",
        from_email=str(source["From"]),
        to=[mail.address],
        headers={name: str(value) for name, value in source.items() if name.lower() not in OWN_HEADERS},
    )
    if html:
        message.attach_alternative(html.get_content(), "text/html")
    for part in source.iter_attachments():
        message.attach(part.get_filename(), part.get_content(), part.get_content_type())
    # Most providers name a mail by an id of their own, and report this beside it. The id alone could be guessed.
    marked = {"delivery": str(mail.delivery.id), "mark": bounces.mark(mail.delivery.id)}
    message.metadata = marked  # type: ignore[attr-defined]
    return message


def from_settings() -> Http:
    """The provider that MAIL_PROVIDER names, with the keys in ANYMAIL."""
    return Http(settings.MAIL_PROVIDER, settings.EMAIL_TIMEOUT)


def _reply(error: AnymailError | None, message: Any) -> Reply:
    """What the provider said, on one line: its status code, the id it gave the mail, or its reason."""
    # A response that tells of an error counts as false.
    response = getattr(error, "response", None) if error else getattr(message.anymail_status, "esp_response", None)
    code = int(getattr(response, "status_code", 0) or 0)
    said = (
        f"{type(error.__cause__ or error).__name__} {getattr(response, 'text', '') or error}"
        if error
        else f"{', '.join(sorted(message.anymail_status.status or ()))} {message.anymail_status.message_id or ''}"
    )
    return Reply(code, " ".join(said.split())[:300])


def _is_unwritten(error: AnymailAPIError) -> bool:
    """Whether no connection came about: then nothing of the request was written."""
    cause = error.__cause__
    if not isinstance(cause, requests.ConnectionError):
        return False
    inner = cause.args[0] if cause.args else None
    return isinstance(cause, requests.ConnectTimeout) or (
        isinstance(inner, MaxRetryError) and isinstance(inner.reason, UNWRITTEN)
    )


def _retry_after(error: AnymailAPIError) -> float:
    """For how many seconds the provider wants to be left alone (RFC 9110, 10.2.3), where it says so in seconds."""
    said = error.response.headers.get("Retry-After", "") if error.response is not None else ""
    return float(said) if said.isascii() and said.isdigit() else 0.0
