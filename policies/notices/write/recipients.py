"""From claimed deliveries to mails: the address as it is now, the language, the template, or why there is no mail."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from policies.models import Delivery, Follower, MailTemplate, Notice, Person, people
from policies.notices.queue.claims import Claimed, Result
from policies.notices.returns import bounces, mail_addresses
from policies.notices.write import mime
from policies.text.words import language_tags

Reason, State = Delivery.Reason, Delivery.State


@dataclass(frozen=True)
class Contact:
    """
    How a recipient can be reached at this moment.

    :ivar mark: who it is, also where keys are given anew: the key, and a few digits of a hash of what stays theirs
    """

    address: str
    language: str
    mark: str
    has_left: bool = False
    token: str = ""
    account: str = ""


@dataclass(frozen=True)
class Outgoing:
    """One mail, ready for the wire. `mark` says whom it is for, as in `Contact`."""

    delivery: Claimed
    mark: str
    sender: str
    recipient: str
    address: str
    message_id: str
    data: bytes

    @property
    def domain(self) -> str:
        return mail_addresses.domain_of(self.recipient)


@dataclass(frozen=True)
class Prepared:
    mails: list[Outgoing]
    ended: list[Result]


def prepare(*, notice: Notice, claimed: Sequence[Claimed], at: datetime) -> Prepared:
    """
    Write the mails of what was claimed. Whoever left, has no usable address or is suppressed ends here, with a reason.

    A mail that may have gone out before keeps its address and its date, so that every copy has the same bytes.
    """
    contacts = contacts_of(notice, [delivery.recipient_id for delivery in claimed], at=at)
    templates = {template.language: template for template in notice.templates.all()}
    blocked = mail_addresses.suppressed({contact.address for contact in contacts.values() if contact.address})
    prepared = Prepared([], [])
    for delivery in claimed:
        contact = contacts.get(delivery.recipient_id)
        reason = _reason_against(contact, blocked)
        if contact is None or reason:
            prepared.ended.append(Result(delivery, State.SUPPRESSED, at, reason=reason))
            continue
        try:
            prepared.mails.append(_write(notice, delivery, contact, templates, at=at))
        except mail_addresses.Unusable:
            prepared.ended.append(Result(delivery, State.FAILED, at, reason=Reason.BAD_ADDRESS))
        except Unreadable:
            prepared.ended.append(Result(delivery, State.FAILED, at, reason=Reason.UNREADABLE))
    return prepared


class Unreadable(Exception):
    """There is no mail in this language: its template failed."""


def contacts_of(notice: Notice, ids: Sequence[int], *, at: datetime) -> dict[int, Contact]:
    """Look up how recipients can be reached now; whoever is gone altogether is missing."""
    if notice.stream == Notice.Stream.ALERT:
        followers = Follower.objects.filter(pk__in=ids, confirmed_at__isnull=False)
        return {
            pk: Contact(address, language, mark=_mark(pk, token), token=token)
            for pk, address, language, token in followers.values_list("pk", "address", "language", "token")
        }
    found = Person.objects.filter(pk__in=ids).values_list(
        "pk", people.REACH, "language", "closed_at", "external_id", "joined_at"
    )
    return {
        pk: Contact(
            address,
            language,
            mark=_mark(pk, external_id or joined_at.isoformat()),
            has_left=closed_at is not None and closed_at <= at,
            account=people.account_of(pk, external_id),
        )
        for pk, address, language, closed_at, external_id, joined_at in found
    }


def data_of(notice: Notice, delivery: Delivery, *, language: str, token: str = "") -> bytes:
    """The exact bytes that were sent, again, from what is stored."""
    template = notice.templates.get(language=language)
    if delivery.written_at is None:
        raise ValueError("Nothing was sent for this delivery.")
    ids = Person.objects.filter(pk=delivery.recipient_id).values_list("external_id", flat=True)
    return mime.fill(
        template.source,
        mime.Filling(
            to=delivery.address,
            message_id=message_id(delivery.pk),
            written_at=delivery.written_at,
            token=token,
            account=people.account_of(delivery.recipient_id, ids.first()),
        ),
    )


def message_id(delivery_id: int) -> str:
    """The same for every try, and for anybody who computes it again."""
    return f"<notice.{delivery_id}@{settings.MAIL_DOMAIN}>"


def _mark(pk: int, own: str) -> str:
    return f"{pk}-{hashlib.blake2s(own.encode(), digest_size=3).hexdigest()}"


def _reason_against(contact: Contact | None, blocked: Mapping[str, str]) -> str:
    if contact is None:
        return Reason.LEFT
    if contact.has_left:
        return Reason.LEFT
    if not contact.address:
        return Reason.NO_ADDRESS
    return blocked.get(contact.address, "")


def _write(
    notice: Notice, delivery: Claimed, contact: Contact, templates: Mapping[str, MailTemplate], *, at: datetime
) -> Outgoing:
    language = language_tags.nearest(contact.language, templates) or notice.version.policy.language
    template = templates.get(language)
    if template is None or template.error:
        raise Unreadable
    address = delivery.address or mail_addresses.envelope(contact.address)
    own_id = message_id(delivery.id)
    filling = mime.Filling(
        to=address,
        message_id=own_id,
        written_at=delivery.written_at or at,
        token=contact.token,
        account=contact.account,
    )
    return Outgoing(
        delivery=delivery,
        mark=contact.mark,
        sender=bounces.return_path(delivery.id),
        recipient=address,
        address=address,
        message_id=own_id,
        data=mime.fill(template.source, filling),
    )
