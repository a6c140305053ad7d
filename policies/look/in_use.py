"""
The look in use, as pages and mails ask for it.

A process keeps what it read, and reads again at most once a second: pages cost no query for it, and every process has
a new look within a second. Where the database does not answer, the last known one stays: an error page needs it too.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.urls import reverse
from django.utils.translation import get_language

from policies.look import contrast
from policies.models import Appearance
from policies.text.words import language_tags

REREAD_SECONDS = 1.0


@dataclass(frozen=True)
class Said:
    """Words of the organization, and the language they are in: another than the page's where it has none in that."""

    words: str = ""
    language: str = ""


@dataclass(frozen=True)
class Words:
    """
    What the organization says, for readers of one language.

    :ivar links: pairs of label and address, below every page
    :ivar imprint: below every page
    :ivar mail_footer: below every notice
    :ivar notice: before what changes, in notices by mail and on the site
    """

    links: tuple[tuple[str, str], ...] = ()
    links_language: str = ""
    imprint: Said = Said()
    mail_footer: Said = Said()
    notice: Said = Said()


@dataclass(frozen=True)
class Look:
    """
    One look, ready for templates. Without a row it is ours, under the name of the settings.

    :ivar key: of its row; 0 where there is none
    :ivar sheet: its colors as a style sheet; empty where they are ours
    :ivar kept: what was chosen, as canonical JSON; empty where nothing was
    """

    key: int = 0
    name: str = ""
    accent: str = ""
    accent_dark: str = ""
    sheet: str = ""
    sheet_url: str = ""
    logo_url: str = ""
    kept: str = ""
    spoken: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def organization(self) -> str:
        name: str = self.name or settings.ORGANIZATION
        return name

    @property
    def ink(self) -> str:
        """What is read on the accent; empty where it is ours."""
        return contrast.ink_on(self.accent) if self.accent else ""

    @property
    def ink_dark(self) -> str:
        """The same for dark screens."""
        return contrast.ink_on(self.accent_dark) if self.accent_dark else ""

    @property
    def words(self) -> Words:
        """The words in the language of the moment."""
        return self.words_in(get_language() or settings.LANGUAGE_CODE)

    def words_in(self, language: str) -> Words:
        links, links_language = self._part(language, "links", [])
        return Words(
            links=tuple((label, url) for label, url in links),
            links_language=links_language,
            imprint=Said(*self._part(language, "imprint", "")),
            mail_footer=Said(*self._part(language, "mail_footer", "")),
            notice=Said(*self._part(language, "notice", "")),
        )

    def _part(self, language: str, name: str, nothing: Any) -> tuple[Any, str]:
        """One part in this language; else in English; else in whichever it was written."""
        there = {tag: words[name] for tag, words in self.spoken.items() if words.get(name)}
        found = language_tags.nearest(language, there) or language_tags.nearest(settings.LANGUAGE_CODE, there)
        tag = found or next(iter(there), "")
        return (there[tag], tag) if tag else (nothing, "")

    def sender(self, standing: str) -> str:
        """A sender of the settings, such as LEGAL_FROM, under this name where it has the one of the settings."""
        shown, address = parseaddr(standing)
        if not self.name or settings.ORGANIZATION not in shown:
            return standing
        return str(Address(display_name=shown.replace(settings.ORGANIZATION, self.name), addr_spec=address))


class InUse:
    """One process's memory of the look in use."""

    def __init__(self) -> None:
        self._look, self._read_at = Look(), float("-inf")

    def look(self) -> Look:
        started = time.monotonic()
        if started - self._read_at >= REREAD_SECONDS:
            self._read_at = started
            try:
                row = Appearance.objects.used().defer("logo").first()
            except DatabaseError:
                return self._look
            # Most times it is the one that is known: nothing is made anew.
            if (row.pk if row else 0) != self._look.key:
                self._look = look_of(row) if row else Look()
        return self._look

    def forget(self) -> None:
        """Read again with the next question."""
        self._look, self._read_at = Look(), float("-inf")


_MEMORY = InUse()


def look() -> Look:
    """The look in use, at most a second old."""
    return _MEMORY.look()


def legal_sender() -> str:
    """Whom mails are from that are no alerts, under the name that is in use."""
    return look().sender(settings.LEGAL_FROM)


def organization() -> str:
    """The organization's name."""
    return look().organization


def forget() -> None:
    """Read it anew: in this process at once, in others within a second."""
    _MEMORY.forget()


def look_of(row: Appearance) -> Look:
    """A row made ready, in use or not."""
    sheet = sheet_of(row.accent, row.accent_dark)
    return Look(
        key=row.pk,
        name=row.organization,
        accent=row.accent,
        accent_dark=row.accent_dark,
        sheet=sheet,
        sheet_url=reverse("policies:look_sheet", args=[named(sheet)]) if sheet else "",
        logo_url=reverse("policies:look_logo", args=[row.logo_sha256]) if row.logo_sha256 else "",
        kept=json.dumps(row.described, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        spoken=row.words,
    )


def sheet_of(accent: str, accent_dark: str) -> str:
    """The colors as custom properties over those of site.css; on paper they stay black."""
    light = f"@media screen {{ :root {{ {_properties(accent, contrast.LIGHT)} }} }}\n" if accent else ""
    # Ours in the dark where none is chosen: a color for light screens is not read there.
    ours = "" if accent_dark or not accent else "--accent: #9bd6e2; --accent-ink: #0b1d22; --accent-tint: #17303a;"
    dark = _properties(accent_dark, contrast.DARK) if accent_dark else ours
    return light + (f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n" if dark else "")


def sheet_named(sha256: str) -> str:
    """The style sheet with this hash, of any look that was ever in use: pages are kept. Empty where there is none."""
    for pair in (
        (_MEMORY.look().accent, _MEMORY.look().accent_dark),
        *Appearance.objects.used().order_by().values_list("accent", "accent_dark").distinct(),
    ):
        sheet = sheet_of(*pair)
        if sheet and named(sheet) == sha256:
            return sheet
    return ""


def logo_named(sha256: str) -> bytes:
    """The logo with this hash, of any look that was ever in use; empty where there is none."""
    found = Appearance.objects.used().filter(logo_sha256=sha256).values_list("logo", flat=True).first()
    return bytes(found or b"")


def named(sheet: str) -> str:
    """The hash under which a style sheet is served."""
    return hashlib.sha256(sheet.encode()).hexdigest()


def _properties(accent: str, scheme: contrast.Scheme) -> str:
    return f"--accent: {accent}; --accent-ink: {contrast.ink_on(accent)}; --accent-tint: {scheme.tint(accent)};"
