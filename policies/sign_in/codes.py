"""The forms in which codes are typed: wrong ones are logged, and a code of an app counts once for all processes."""

import logging
from datetime import timedelta

from allauth.account import forms as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as second_factor
from allauth.mfa.models import Authenticator
from django import forms

from policies import clock
from policies.notices.queue import periodic_jobs

log = logging.getLogger(__name__)

# RFC 6238, 5.2: one code is valid for so long, and counts once.
PERIOD = timedelta(seconds=30)


class CodeByMail(account.ConfirmLoginCodeForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        try:
            return str(super().clean_code())
        except forms.ValidationError:
            log.warning("A code from a mail was wrong")
            raise


class _Once(second_factor.BaseAuthenticateForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        """allauth remembers used codes in a cache, which each process has for itself."""
        try:
            code = super().clean_code()
            if self.authenticator.type == Authenticator.Type.TOTP and not _is_first(self.authenticator):
                raise get_adapter().validation_error("incorrect_code")
        except forms.ValidationError:
            log.warning("A code of the second factor of user %s was wrong", self.user.pk)
            raise
        return str(code)


class SecondFactor(_Once, second_factor.AuthenticateForm):  # type: ignore[misc]
    pass


class SecondFactorAgain(_Once, second_factor.ReauthenticateForm):  # type: ignore[misc]
    pass


def _is_first(authenticator: Authenticator) -> bool:
    """Take the half minute to which the present code of an app belongs."""
    return periodic_jobs.is_mine(f"code of authenticator {authenticator.pk}", every=PERIOD, at=clock.now())
