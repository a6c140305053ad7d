"""
Which mail provider may report, and how its reports are known to be its own.

django-anymail brings an address for each provider, and most of them take reports from anybody where nothing is set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern


@dataclass(frozen=True)
class Proof:
    """The setting of ANYMAIL with which a provider's reports are checked."""

    setting: str
    # django-anymail answers every report with an error where the setting is missing.
    is_needed: bool = False

    def is_in(self, anymail: Mapping[str, Any]) -> bool:
        return bool(anymail.get(self.setting))


# What checks the reports by itself, beside WEBHOOK_SECRET; the others have nothing but that.
PROOFS = {
    "amazon_ses": None,
    "brevo": None,
    "mailersend": Proof("MAILERSEND_SIGNING_SECRET", is_needed=True),
    "mailgun": Proof("MAILGUN_WEBHOOK_SIGNING_KEY", is_needed=True),
    "mailjet": None,
    "mailtrap": Proof("MAILTRAP_TRACKING_SECRET"),
    "mandrill": Proof("MANDRILL_WEBHOOK_KEY", is_needed=True),
    "postal": Proof("POSTAL_WEBHOOK_KEY", is_needed=True),
    "postmark": None,
    "resend": Proof("RESEND_SIGNING_SECRET"),
    "sendgrid": Proof("SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY"),
    "sparkpost": None,
    "unisender_go": Proof("UNISENDER_GO_API_KEY", is_needed=True),
}
SECRET = "WEBHOOK_SECRET"  # noqa: S105 - the name of a setting


def reporter(*, named: str, sender: str, anymail: Mapping[str, Any]) -> str:
    """
    Which provider reports: `named` by MAIL_REPORTS, else the `sender` of MAIL_PROVIDER. Empty: none does.

    :raises ImproperlyConfigured: where anybody could report in its name
    """
    provider = named or (sender if sender in PROOFS else "")
    if not provider:
        if anymail and not sender:
            raise ImproperlyConfigured(
                "ANYMAIL is set, and nothing says whose reports are taken."
                " Set MAIL_REPORTS to the provider, such as mailgun, or take ANYMAIL out."
            )
        return ""
    if provider not in PROOFS:
        raise ImproperlyConfigured(f"MAIL_REPORTS is {provider!r}. Set it to one of {', '.join(sorted(PROOFS))}.")
    if provider == "resend" and anymail.get("RESEND_SIGNING_SECRET") and find_spec("svix") is None:
        raise ImproperlyConfigured(
            f"RESEND_SIGNING_SECRET in ANYMAIL needs the package svix. Install it, or set {SECRET} instead."
        )
    proof = PROOFS[provider]
    has_secret = ":" in str(anymail.get(SECRET) or "")
    if proof and (proof.is_in(anymail) or (has_secret and not proof.is_needed)):
        return provider
    if not proof and has_secret:
        return provider
    wanted = f"{proof.setting}{'' if proof.is_needed else f' or {SECRET}'}" if proof else SECRET
    raise ImproperlyConfigured(
        f"ANYMAIL has no {wanted}: anybody could report bounces in the name of {provider}."
        f" Set it there ({SECRET} as user:password, long and random)."
    )


def urls(provider: str) -> list[URLPattern]:
    """The one address of django-anymail that takes this provider's reports."""
    from anymail import urls as of_all  # noqa: PLC0415 - it imports every provider's view

    names = {f"{provider}_tracking_webhook", f"{provider}_webhook"}
    return [url for url in of_all.urlpatterns if url.name in names]
