"""Values that several nouns share: classes of change, ways to accept, lengths."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.core.exceptions import EmptyResultSet, ValidationError
from django.core.validators import EmailValidator, validate_slug
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

from policies.text.words import language_tags

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


class Kind(models.TextChoices):
    """What a document is. Two of them have a relation of their own among links (IANA, RFC 6903)."""

    PRIVACY = "privacy", _("Privacy policy")
    TERMS = "terms", _("Terms of service")
    COOKIES = "cookies", _("Cookie policy")
    ACCEPTABLE_USE = "acceptable_use", _("Acceptable use policy")
    DATA_PROCESSING = "data_processing", _("Data processing agreement")
    OTHER = "other", _("Another policy")

    @property
    def relation(self) -> str:
        """The registered relation of a link to it; empty where there is none."""
        return {Kind.PRIVACY: "privacy-policy", Kind.TERMS: "terms-of-service"}.get(self, "")


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


if TYPE_CHECKING:
    _Tags = models.CharField[str | Iterable[str], tuple[str, ...]]
    _Words = models.CharField[str, str]
else:
    _Tags = _Words = models.CharField
TAG_LENGTH, TAGS_LENGTH = 50, 1000
ADDRESS_LENGTH = 254
BEYOND_ASCII = re.compile("[\u00a1-\U0010ffff]")
BETWEEN_TAGS = re.compile(r"[\s,;]+")


def tags_of(told: str | Iterable[str] | None) -> tuple[str, ...]:
    """Audiences as they are kept: in order, each once. A text parts them by commas, semicolons or blanks."""
    found = BETWEEN_TAGS.split(told) if isinstance(told, str) else told or ()
    return tuple(sorted({tag for tag in found if tag}))


def validate_tags(tags: Collection[str]) -> None:
    """Refuse what no tag can be, and more tags than a row holds, in words."""
    for tag in tags:
        try:
            validate_slug(tag)
        except ValidationError as error:
            words = _("“%(tag)s” is no tag of an audience: write letters, digits, hyphens and underscores.")
            raise ValidationError(words, code="no-tag", params={"tag": tag[:TAG_LENGTH]}) from error
        if len(tag) > TAG_LENGTH:
            words = _("The tag “%(tag)s…” is longer than %(most)d characters.")
            raise ValidationError(words, code="long-tag", params={"tag": tag[:20], "most": TAG_LENGTH})
    if len(",".join(tags)) > TAGS_LENGTH:
        words = _("These are too many audiences: together they may have %(most)d characters.")
        raise ValidationError(words, code="many-tags", params={"most": TAGS_LENGTH})


def refuse_unknown_tags(tags: Iterable[str], *, known: Collection[str]) -> None:
    """
    Refuse audiences that nothing names: most often one that was misspelt, whose people no policy would ever ask.

    :raises ValidationError: that names the first of them, and those that are known
    """
    for tag in tags:
        if tag not in known:
            words = _("“%(tag)s” is no audience of any policy. Known are: %(known)s.")
            said = {"tag": tag, "known": ", ".join(sorted(known)) or _("none")}
            raise ValidationError(words, code="unknown-audience", params=said)


def validate_language(told: str) -> None:
    """Refuse what no tag of a language can be (RFC 5646); whether anything is translated to it is not asked."""
    try:
        language_tags.canonical(told)
    except ValueError as error:
        words = _("“%(told)s” is no tag of a language. Write one such as de, pt-BR or zh-Hans.")
        raise ValidationError(words, code="no-language", params={"told": told[: language_tags.LONGEST]}) from error


class ValidateAddress(EmailValidator):
    """
    Takes addresses in any letters, before the @ too (RFC 6531).

    Whether a server can write to one shows when it is written to.
    """

    def __call__(self, value: str | None) -> None:
        local, at, domain = (value or "").rpartition("@")
        super().__call__(f"{BEYOND_ASCII.sub('a', local)}{at}{domain}")


validate_address = ValidateAddress()


class AddressInput(forms.CharField):
    """An address in a form: browsers' own check (type="email") refuses what is not ASCII before the @."""

    widget = forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email", "autocapitalize": "none"})
    default_validators = [validate_address, validate_single_line]

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": ADDRESS_LENGTH, **options})


class AddressField(models.EmailField):  # type: ignore[type-arg]
    """An e-mail address of a person: international ones are never refused."""

    default_validators = [validate_address]


class LanguageField(_Words):
    """A language by its tag, as RFC 5646 writes it: de, pt-BR. What is not translated to it falls back."""

    default_validators = [validate_language]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": language_tags.LONGEST, **options})

    def to_python(self, value: Any) -> Any:
        told = super().to_python(value)
        try:
            return language_tags.canonical(told) if isinstance(told, str) else told
        except ValueError:
            return told  # the validator says so


class TagsInput(forms.CharField):
    """Audiences in one line of a form."""

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else ", ".join(value or ())

    def to_python(self, value: Any) -> Any:
        return tags_of(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return tags_of(initial) != tags_of(data)


class AudienceField(_Tags):
    """
    A set of tags in one column of text, in order, parted by commas: the same on every database (decision 095).

    In Python it is a tuple. `any_of` finds the rows that have one of some tags at least.
    """

    default_validators = [validate_tags]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": TAGS_LENGTH, "default": (), "blank": True, **options})

    def from_db_value(self, value: str, *_: Any) -> tuple[str, ...]:
        return tuple(value.split(",")) if value else ()

    def to_python(self, value: Any) -> Any:
        return tags_of(value)

    def get_prep_value(self, value: Any) -> str:
        return ",".join(tags_of(value))

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj))

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": TagsInput, **options})


@AudienceField.register_lookup
class AnyOf(models.Lookup):
    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]
        if not self.rhs:
            raise EmptyResultSet
        column, given = self.process_lhs(compiler, connection)
        return has_any_of(column, ["%s"] * len(self.rhs), connection), [
            value for tag in self.rhs for value in (*given, sought(tag))
        ]


def has_any_of(column: str, parameters: Sequence[str], connection: BaseDatabaseWrapper) -> str:
    """SQL: the column of an AudienceField has one of these tags at least; each parameter is given as `sought`."""
    place = "strpos" if connection.vendor == "postgresql" else "instr"
    found = [f"{place}(',' || {column} || ',', {parameter}) > 0" for parameter in parameters]
    return f"({' OR '.join(found)})"


def sought(tag: str) -> str:
    """A tag as it stands between commas: whole, and not within another one."""
    return f",{tag},"


# As it is written in addresses and by programs.
LABEL = r"[1-9][0-9]{0,8}(?:\.[1-9][0-9]{0,3})?"


class Label(NamedTuple):
    """A version's name and its place in the order of a policy's texts: "2", or "2.1" for its first correction."""

    number: int
    correction: int = 0

    def __str__(self) -> str:
        return f"{self.number}.{self.correction}" if self.correction else f"{self.number}"

    @classmethod
    def read(cls, written: str) -> "Label | None":
        """Read "2" or "2.1" back; None for anything else, and for what is larger than the database's numbers."""
        if not re.fullmatch(LABEL, written, re.ASCII):
            return None
        number, _dot, correction = written.partition(".")
        return cls(int(number), int(correction or 0))
