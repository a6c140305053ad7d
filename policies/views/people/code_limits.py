"""How often codes are mailed, at both doors: nobody fills a mailbox, and nobody keeps its owner from a code."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.core import context
from django.http import HttpRequest

from policies.sign_in import known_browsers, networks
from policies.views.shared import limits

HOUR = 60 * 60
# Mails an hour to one address: asked for from one network, from a browser that it signed in with, and in all by others.
FROM_A_NETWORK = 5
FROM_A_KNOWN_BROWSER = 10
BY_STRANGERS = 20


def may_mail(request: HttpRequest, address: str) -> bool:
    """Count one mail to `address` and say whether it may go out."""
    address = address.strip().lower()
    if known := known_browsers.bucket(request, address):
        return not limits.is_over_lately("code", known, most=FROM_A_KNOWN_BROWSER, seconds=HOUR)
    pair = (address, networks.network_of(networks.address_of(request)))
    return not (
        limits.is_over_lately("code", pair, most=FROM_A_NETWORK, seconds=HOUR)
        or limits.is_over_lately("code", address, most=BY_STRANGERS, seconds=HOUR)
    )


class AskForCode(account.RequestLoginCodeForm):  # type: ignore[misc]
    """The desk's door; how many one caller asks for is counted by allauth (ACCOUNT_RATE_LIMITS)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # The label above says it, and does not go as soon as somebody types.
        self.fields["email"].widget.attrs.pop("placeholder", None)

    def clean_email(self) -> str:
        email = str(super().clean_email())
        if not may_mail(context.request, email):
            raise get_adapter().validation_error("too_many_login_attempts")
        return email
