"""The second factor: authenticator apps and recovery codes, whose secrets lie encrypted."""

import base64
from collections.abc import Callable, Mapping

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from policies.look import in_use
from policies.sign_in.showing_again import records_of

# What allauth hands to `encrypt`: the secret of an app, and the seed of recovery codes.
ENCRYPTED = {"secret", "seed"}


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]
    """The secrets of authenticator apps lie encrypted: who reads a dump of the database cannot make codes."""

    def get_totp_issuer(self) -> str:
        return f"{in_use.organization()} policies"

    def encrypt(self, text: str) -> str:
        return _safe().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _safe().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Who works at the desk cannot do without; `manage.py reset_second_factor` is for a lost device."""
        return not (settings.DESK_SECOND_FACTOR and authenticator.user.is_staff)


def encrypted_anew(data: Mapping[str, object]) -> dict[str, object]:
    """
    What an authenticator stores, its secrets encrypted with today's key.

    :raises cryptography.fernet.InvalidToken: if they were encrypted with a key that is known no more
    """
    return {
        name: _safe().rotate(str(value).encode()).decode() if name in ENCRYPTED else value
        for name, value in data.items()
    }


def was_given(request: HttpRequest) -> bool:
    """Whether a code of the app, or a recovery code, was given in this session."""
    return any(record["method"] == "mfa" for record in records_of(request))


def giving(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Around the page that sets an app up: the code that was typed there was given in this session."""

    def watched(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        had_one = is_mfa_enabled(request.user)
        response = view(request, *args, **kwargs)
        if not had_one and is_mfa_enabled(request.user):
            record_authentication(request, request.user, "mfa", type=Authenticator.Type.TOTP)
        return response

    return watched


def _safe() -> MultiFernet:
    """Keys derived from SECRET_KEY and its fallbacks, so that rotating it locks nobody out."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(secret))) for secret in secrets])


def _derived(secret: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"policysite second factor")
    return derivation.derive(secret.encode())
