"""Values that several nouns share: classes of change, ways to accept, lengths."""

import unicodedata

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

SHA256_LENGTH = 64
# Controls, formats (bidi and zero-width among them), separators of lines and paragraphs, halves of characters.
UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Cs"}
JOINERS = {"\u200c", "\u200d"}


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
    """
    Refuse line breaks and characters that nobody sees: in names, titles and addresses.

    They end up in mail headers and terminals; those that turn the direction of writing (bidi) make one name look like
    another. Joiners stay: Persian and the languages of India cannot be written without.
    """
    for character in value:
        if unicodedata.category(character) in UNSEEN and character not in JOINERS:
            words = _("Line breaks and control characters are not allowed here (%(character)s).")
            named = {"character": f"U+{ord(character):04X}"}
            raise ValidationError(words, code="control-character", params=named)


def sha256_field(**options: object) -> "models.CharField[str, str]":
    """A sha256 in 64 lower-case hex digits."""
    return models.CharField(max_length=SHA256_LENGTH, **options)  # type: ignore[arg-type]
