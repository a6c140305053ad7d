"""Django's command, with the change on the record and a mail to whose password it is."""

from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.db import transaction

from policies import account_mail, clock
from policies.acceptance.sessions import open_sessions
from policies.acceptance.sessions.open_sessions import Whose
from policies.models import AuditEvent, User


class Command(changepassword.Command):
    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> Any:
        said = super().handle(*args, **options)
        user = User.objects.get(**{User.USERNAME_FIELD: options["username"]})
        event = AuditEvent.record("credential.password_changed", by=None, at=clock.now(), user=user.pk)
        account_mail.announce(event, user=user, words="mail/password_changed")
        open_sessions.end_all(Whose.of(user), by=None, at=event.at)
        return said
