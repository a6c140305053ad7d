"""The page of one look: what it says, how it looks, what it would change, and what can be done with it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from policies import language_names
from policies.admin.desk.instant_formats import in_utc
from policies.admin.desk.verb_page import Button
from policies.admin.look.look_form import LABELS, ROWS, as_lines
from policies.models import Appearance

LIST = "admin:policies_appearance_changelist"


@dataclass(frozen=True)
class Change:
    """One thing as it is in use, and as it is in this look."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Shown:
    """One language in which pages and mails are shown."""

    tag: str
    name: str
    page_url: str
    is_here: bool
    url: str


@dataclass(frozen=True)
class LookPage:
    state: str
    tone: str
    said: str
    changes: tuple[Change, ...]
    languages: tuple[Shown, ...]
    here: Shown
    buttons: tuple[Button, ...]


def url(look: Appearance, verb: str = "change", *more: str) -> str:
    """The address of a look's page, or of one of its verbs."""
    return reverse(f"admin:policies_appearance_{verb}", args=[look.pk, *more])


def build(look: Appearance, *, language: str, may_change: bool) -> LookPage:
    """Everything that the page shows; `language` is one of the site's."""
    now = Appearance.objects.used().first()
    languages = tuple(_shown(look, tag, language) for tag, _name in settings.LANGUAGES)
    state, tone = state_of(look, now)
    return LookPage(
        state=state,
        tone=tone,
        said=_who(look),
        changes=changes(now, look) if look.at is None else (),
        languages=languages,
        here=next(each for each in languages if each.is_here),
        buttons=_buttons(look) if may_change else (),
    )


def state_of(look: Appearance, now: Appearance | None) -> tuple[str, str]:
    """The state of a look in a word, and its tone."""
    if look.at is None:
        return _("prepared"), "open"
    return (_("in use"), "good") if now and now.pk == look.pk else (_("was in use"), "quiet")


def changes(before: Appearance | None, after: Appearance) -> tuple[Change, ...]:
    """What becomes other than it is in use."""
    old, new = _told(before or Appearance()), _told(after)
    labels = {**old, **new}
    return tuple(
        Change(label, old.get(label, ""), new.get(label, ""))
        for label in labels
        if old.get(label, "") != new.get(label, "")
    )


def _told(look: Appearance) -> dict[str, str]:
    """Everything a look says, by its label."""
    told = {
        str(LABELS["organization"]): look.organization or settings.ORGANIZATION,
        str(LABELS["logo_sha256"]): look.logo_sha256[:12] or "–",
        str(LABELS["accent"]): look.accent or "–",
        str(LABELS["accent_dark"]): look.accent_dark or "–",
    }
    for tag, words in look.words.items():
        for part in ROWS:
            told[f"{LABELS[part]} ({language_names.own_name_of(tag)})"] = as_lines(part, words.get(part, ""))
    return told


def _who(look: Appearance) -> str:
    if look.at is None:
        said = {"name": look.prepared_by, "at": in_utc(look.prepared_at)}
        return _("Prepared by %(name)s, %(at)s. Only the desk sees it.") % said
    return _("Put into use by %(name)s, %(at)s.") % {"name": look.by, "at": in_utc(look.at)}


def _shown(look: Appearance, tag: str, here: str) -> Shown:
    return Shown(
        tag, language_names.own_name_of(tag), url(look, "page", tag), tag == here, f"{url(look)}?language={tag}"
    )


def _buttons(look: Appearance) -> tuple[Button, ...]:
    if look.at is None:
        return (
            Button(_("Put into use…"), url(look, "use"), is_first=True),
            Button(_("Edit"), url(look, "edit")),
            Button(_("Throw away…"), url(look, "discard"), is_grave=True),
        )
    return (Button(_("Prepare this one again…"), url(look, "again")),)


def seen(now: Appearance | None) -> dict[str, Any]:
    """What the page of the verb shows as being in use, for its form to bring back."""
    return {"seen": now.pk if now else 0}
