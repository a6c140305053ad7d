"""Choosing a look: prepared and looked at first, then put into use; what was in use can be taken up again."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from policies.look import contrast, in_use
from policies.models import CHOSEN, Appearance, AuditEvent, JobSlot, User
from policies.models.fields import validate_single_line

SLOT = "look"
MOST_LINKS, LONGEST_LABEL, LONGEST_ADDRESS = 8, 60, 300
LONGEST: Mapping[str, int] = {"imprint": 2000, "mail_footer": 1000, "notice": 500}
_is_address = URLValidator(schemes=["https"])


@transaction.atomic
def prepare(
    *, of: Appearance | None, values: Mapping[str, Any], logo: bytes | None, by: User, at: datetime
) -> Appearance:
    """
    Write a look down for the desk alone: a new one, or once more the prepared `of`.

    `values` are `organization`, `accent`, `accent_dark` and `words`; `logo` is a PNG of ours, empty for none, and None
    to leave it as it was.

    :raises ValidationError: by field, if a color cannot be read or a link leads nowhere, or `of` is in use meanwhile
    """
    prepared = of or Appearance()
    for name, value in values.items():
        setattr(prepared, name, value)
    if logo is not None:
        prepared.logo, prepared.logo_sha256 = logo, hashlib.sha256(logo).hexdigest() if logo else ""
    prepared.prepared_by, prepared.prepared_at = by, at
    _check(prepared)
    if of is not None and not Appearance.objects.select_for_update().filter(pk=of.pk, at=None).exists():
        raise ValidationError(_("This look is in use, or was, and stays as it was seen. Prepare another one."))
    prepared.save()
    return prepared


def again(*, look: Appearance, by: User, at: datetime) -> Appearance:
    """Prepare what was in use once more, as a look of its own."""
    values = {name: getattr(look, name) for name in CHOSEN if name != "logo_sha256"}
    return prepare(of=None, values=values, logo=bytes(look.logo), by=by, at=at)


@transaction.atomic(durable=True)
def put_into_use(*, look: Appearance, seen: int, by: User, at: datetime) -> None:
    """
    From now on everybody sees it. `seen` is the key of the look that was in use when this was decided, 0 for none.

    Mails that were written before stay as they were written.

    :raises ValidationError: if somebody else put one into use meanwhile, or nothing would change
    """
    JobSlot.objects.get_or_create(name=SLOT)
    JobSlot.objects.select_for_update().get(name=SLOT)
    before = Appearance.objects.used().first()
    if (before.pk if before else 0) != seen:
        raise ValidationError(_("Another look was put into use meanwhile. Look at this one again beside it."))
    old, new = before.described if before else Appearance().described, look.described
    if old == new:
        raise ValidationError(_("Nothing would change: this is what is in use."))
    if not Appearance.objects.filter(pk=look.pk, at=None).update(by=by, at=at):
        raise ValidationError(_("This look was put into use or thrown away meanwhile."))
    changed = [name for name in CHOSEN if old[name] != new[name]]
    AuditEvent.record(
        "look.changed",
        by=by,
        at=at,
        look=look.pk,
        before={name: old[name] for name in changed},
        after={name: new[name] for name in changed},
    )
    transaction.on_commit(in_use.forget)


def discard(*, look: Appearance) -> None:
    """
    Throw a prepared look away.

    :raises ValidationError: if it is in use, or was
    """
    if not Appearance.objects.filter(pk=look.pk, at=None).delete()[0]:
        raise ValidationError(_("This look is in use, or was, and stays on the record."))


def links_in(text: str) -> list[list[str]]:
    """
    Links as somebody types them, one a line: a label, and behind it an address with https.

    :raises ValidationError: that names the line that is none
    """
    links = [_link(line) for line in text.splitlines() if line.strip()]
    if len(links) > MOST_LINKS:
        raise ValidationError(_("At most %(most)d links are shown.") % {"most": MOST_LINKS})
    return links


def _link(line: str) -> list[str]:
    label, _space, address = line.strip().rpartition(" ")
    try:
        _is_address(address)
        validate_single_line(label)
        is_link = 0 < len(label.strip()) <= LONGEST_LABEL and len(address) <= LONGEST_ADDRESS
    except ValidationError:
        is_link = False
    if not is_link:
        words = _("“%(line)s” is no link. Write a label, a blank and an address: Imprint https://example.org/imprint")
        raise ValidationError(words % {"line": line.strip()[:100]})
    return [label.strip(), address]


def _check(look: Appearance) -> None:
    """Colors that are read, words that are seen."""
    schemes = {"accent": contrast.LIGHT, "accent_dark": contrast.DARK}
    checks: dict[str, Callable[[], object]] = {
        name: partial(_check_color, getattr(look, name), scheme) for name, scheme in schemes.items()
    }
    checks["organization"] = partial(look.full_clean, exclude=_all_but("organization"))
    for language, words in look.words.items():
        if language not in dict(settings.LANGUAGES):
            raise ValidationError(_("No page is shown in the language “%(tag)s”.") % {"tag": language})
        for name, most in LONGEST.items():
            checks[f"{name}_{language}"] = partial(_check_words, words.get(name, ""), most)
    errors = {name: found for name, check in checks.items() if (found := _what_is_wrong(check))}
    if errors:
        raise ValidationError(errors)


def _what_is_wrong(check: Callable[[], object]) -> list[ValidationError]:
    try:
        check()
    except ValidationError as error:
        if hasattr(error, "error_dict"):
            return [each for found in error.error_dict.values() for each in found]
        return list(error.error_list)
    return []


def _check_color(color: str, scheme: contrast.Scheme) -> None:
    if color:
        contrast.check(color, scheme)


def _check_words(said: str, most: int) -> None:
    if len(said) > most:
        raise ValidationError(_("This is longer than %(most)d characters.") % {"most": most})
    for line in said.splitlines():
        validate_single_line(line)


def _all_but(name: str) -> Sequence[str]:
    return [each.name for each in Appearance._meta.fields if each.name != name]
