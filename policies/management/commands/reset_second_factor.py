"""Take away somebody's second factor, because the device and the recovery codes are lost."""

from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from policies import account_mail, clock
from policies.acceptance.sessions import open_sessions
from policies.acceptance.sessions.open_sessions import Whose
from policies.models import AuditEvent, User


class Command(BaseCommand):
    help = "Take away somebody's second factor; they set up a new one when they next come to the desk."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="Whose it is. Make sure by another way that it is them who asks.")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            raise CommandError(f"No user has the address {options['email']}. The desk lists them under Users.")
        removed, _by_model = Authenticator.objects.filter(user=user).delete()
        if not removed:
            raise CommandError(f"{user.email} has no second factor.")
        event = AuditEvent.record("second_factor.reset", by=None, at=clock.now(), user=user.pk)
        account_mail.announce(event, user=user, words="mail/second_factor_reset")
        # Whoever has the lost device may sit in one of them.
        open_sessions.end_all(Whose.of(user), by=None, at=event.at)
        self.stdout.write(f"Removed. {user.email} sets up a new one when they next come to the desk.")
