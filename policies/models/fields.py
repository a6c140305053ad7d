"""Values that several nouns share: classes of change, ways to accept, lengths."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

SHA256_LENGTH = 64


class ChangeClass(models.TextChoices):
    """How much a change matters: a person's recorded judgement."""

    EDITORIAL = "editorial", _("Editorial: no meaning changed")
    MINOR = "minor", _("Minor: notable, nobody has to act")
    MATERIAL = "material", _("Material: people must be told")


class Precision(models.TextChoices):
    """How exactly a date is known. A month is never shown as a day."""

    DAY = "day", _("Day")
    MONTH = "month", _("Month")


class Acceptance(models.TextChoices):
    """How a change comes to bind people."""

    NONE = "none", _("No acceptance")
    CONTINUED_USE = "continued_use", _("Continued use after the effective date")
    EXPLICIT = "explicit", _("Explicit: each person answers")


class Channel(models.TextChoices):
    """The ways a promise can name for telling people about a change."""

    POST_PAGE = "post_page", _("Posting on this page")
    DATE_BUMP = "date_bump", _("Changing the date on this page")
    EMAIL = "email", _("E-mail")
    SITE_NOTICE = "site_notice", _("Prominent notice on the site")
    IN_APP = "in_app", _("Notice in the product or app")
    PUSH = "push", _("Push message")
    BLOG = "blog", _("Blog post")
    CHANGELOG = "changelog", _("Change log")
    PUBLIC_HISTORY = "public_history", _("Public history of versions")
    DIRECT_CONTACT = "direct_contact", _("Direct contact")
    ANY_OTHER = "any_other", _("Another way")


def validate_single_line(value: str) -> None:
    """Refuse line breaks and control characters: these values end up in mail headers."""
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValidationError(_("Line breaks and control characters are not allowed here."), code="control-character")


def sha256_field(**options: object) -> "models.CharField[str, str]":
    """A sha256 in 64 lower-case hex digits."""
    return models.CharField(max_length=SHA256_LENGTH, **options)  # type: ignore[arg-type]
