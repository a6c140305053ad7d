"""Inviting somebody to the desk: their account, their roles, and the mail that says how to come in."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from policies import account_mail
from policies.models import AuditEvent, User


@transaction.atomic(durable=True)
def invite(*, email: str, name: str, roles: Collection[str], by: User, at: datetime) -> User:
    """
    Give somebody an account with a place at the desk and these roles, on the record, and have them told how to sign in.

    They get no password: a code comes to their address whenever they sign in.

    :raises ValidationError: if the address has an account already, or no role is chosen
    """
    chosen = list(Group.objects.filter(name__in=roles).order_by("name"))
    if not chosen:
        raise ValidationError({"roles": _("Choose at least one role: without one there is nothing to do at the desk.")})
    if User.objects.filter(email__iexact=email).exists():
        words = _("This address has an account already. Give that account its roles under “Users”.")
        raise ValidationError({"email": words})
    user = User.objects.create_user(email, name=name, is_staff=True)
    user.groups.set(chosen)
    for right in sorted(["desk", "signing in", *(role.name for role in chosen)]):
        AuditEvent.record("right.given", by=by, at=at, user=user.pk, right=right)
    event = AuditEvent.record("user.invited", by=by, at=at, user=user.pk, roles=[role.name for role in chosen])
    account_mail.announce(event, user=user, words="mail/invitation")
    return user
