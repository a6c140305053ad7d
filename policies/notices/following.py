"""
Following by mail: asked, confirmed by whoever reads that mailbox (double opt-in), ended by one click.

Kept of a follower: the address, the language, what is followed, when it was asked and confirmed. Ending deletes it all.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q
from django.template import Context, engines
from django.utils.translation import gettext as _

from policies import language_names
from policies.look import in_use
from policies.mail import plain_mail
from policies.models import Follower, Policy
from policies.notices.write import mail_links

# One purpose, one salt: a link that confirms can do nothing else, and no other link confirms.
CONFIRMING = "policies.following.confirm"
CONFIRM_WITHIN = timedelta(days=3)
# Whoever types in other people's addresses fills nobody's mailbox.
ASKED_AT_MOST_EVERY = timedelta(minutes=15)
# A page waits this long for the mail server, in seconds.
PATIENCE = 5


class BadLink(Exception):
    """The link is not one of ours, is for something else, or is too old."""


def ask(*, address: str, policy: Policy | None, language: str, at: datetime) -> None:
    """
    Ask a mailbox whether it wants to follow. Whether it already does is told to the mailbox alone.

    :raises OSError: if the mail server cannot be reached
    """
    with transaction.atomic():
        follower, is_new = Follower.objects.get_or_create(
            address=address.strip().lower(), policy=policy, defaults={"language": language, "asked_at": at}
        )
        if not is_new and follower.asked_at > at - ASKED_AT_MOST_EVERY:
            return
        Follower.objects.filter(pk=follower.pk).update(asked_at=at)
    try:
        _mail(follower).send()
    except OSError:
        Follower.objects.filter(pk=follower.pk).update(asked_at=at - ASKED_AT_MOST_EVERY)
        raise


def find(signed: str) -> Follower:
    """
    Return the follower whom a confirming link names.

    :raises BadLink: if it names nobody (any more)
    """
    try:
        token = signing.loads(signed, salt=CONFIRMING, max_age=CONFIRM_WITHIN)
    except signing.BadSignature as error:
        raise BadLink from error
    follower = Follower.objects.filter(token=token).select_related("policy").first()
    if follower is None:
        raise BadLink
    return follower


def confirm(*, follower: Follower, at: datetime) -> None:
    """The mailbox said yes. Idempotent."""
    Follower.objects.filter(pk=follower.pk, confirmed_at=None).update(confirmed_at=at)


def ended_with(follower: Follower) -> list[Follower]:
    """
    What ends with a following: all of that address by which it would still be mailed about the same.

    Whoever follows one policy and all of them would be mailed about it as before; whoever stops all stops each.
    """
    same = Follower.objects.filter(address=follower.address).select_related("policy").order_by("policy__title")
    return list(same.filter(Q(policy=None) | Q(policy=follower.policy)) if follower.policy else same)


def stop(*, token: str) -> bool:
    """End a following and what ends with it; return whether there was one. A second click finds none, and is fine."""
    follower = Follower.objects.filter(token=token).first()
    ended = ended_with(follower) if follower else []
    return bool(Follower.objects.filter(pk__in=[each.pk for each in ended]).delete()[0])


def forget_unconfirmed(*, at: datetime) -> int:
    """Delete whoever was asked and never answered."""
    return Follower.objects.filter(confirmed_at=None, asked_at__lt=at - CONFIRM_WITHIN).delete()[0]


def confirming_link(follower: Follower) -> str:
    return f"{settings.SITE_URL}/follow/confirm/{signing.dumps(follower.token, salt=CONFIRMING)}/"


def _mail(follower: Follower) -> EmailMessage:
    with language_names.speaking(follower.language):
        what = follower.policy.title if follower.policy else _("all policies")
        subject = _("Follow changes of “%(what)s”?") if not follower.confirmed_at else _("You follow “%(what)s”")
        template = engines["django"].get_template("mail/follow.txt").template  # type: ignore[attr-defined]
        context = {
            "organization": in_use.organization(),
            "what": what,
            "is_confirmed": bool(follower.confirmed_at),
            "confirm_url": confirming_link(follower),
            "stop_url": mail_links.unfollow(follower.token),
        }
        return plain_mail.compose(
            subject=subject % {"what": what},
            body=template.render(Context(context, autoescape=False)),
            sender=in_use.look().sender(settings.ALERTS_FROM),
            to=[follower.address],
            connection=get_connection(timeout=PATIENCE),
        )
