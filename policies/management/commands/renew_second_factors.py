"""Encrypt the secrets of authenticator apps with today's SECRET_KEY, so that an old one can go."""

from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from policies.sign_in.second_factor import encrypted_anew


class Command(BaseCommand):
    help = "Encrypt the secrets of authenticator apps with today's SECRET_KEY; needed before a fallback is taken out."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        found = Authenticator.objects.select_for_update().select_related("user")
        for authenticator in found:
            try:
                authenticator.data = encrypted_anew(authenticator.data)
            except InvalidToken as error:
                raise CommandError(
                    f"The second factor of {authenticator.user.email} was encrypted with a key that is in neither"
                    " SECRET_KEY nor SECRET_KEY_FALLBACKS. Put that key back, or run reset_second_factor."
                    " Nothing was changed."
                ) from error
            authenticator.save(update_fields=["data"])
        self.stdout.write(f"Renewed: {len(found)}.")
