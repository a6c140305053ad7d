"""What a correction changes in the versions that are announced: shown beside its own redline."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies import authoring, rendering
from policies.admin.desk.page_links import version_url
from policies.models import Version


@dataclass(frozen=True)
class CarriedPanel:
    """One announced version: what is carried to it, quotes of what is not, and the redline once it was handed in."""

    sentence: str
    left: tuple[str, ...]
    html: str
    url: str


def carried_panels(version: Version, at: datetime) -> tuple[CarriedPanel, ...]:
    """One panel an announced version; none for a draft that corrects nothing, or follows another one."""
    if version.published_at is not None or version.corrects_id is None:
        return ()
    found = groupby(authoring.carried_of(version, at=at), key=lambda each: each.version)
    return tuple(_panel(version, announced, tuple(texts)) for announced, texts in found)


def _panel(draft: Version, announced: Version, texts: tuple[authoring.CarriedText, ...]) -> CarriedPanel:
    count = sum(text.carried for text in texts)
    companion = draft.companions.filter(corrects=announced).first() if count else None
    words = ngettext(
        "%(n)d change is carried to %(version)s, where the same words stand.",
        "%(n)d changes are carried to %(version)s, where the same words stand.",
        count,
    )
    together = _("Both texts are approved together, and published together.")
    nothing = _("Nothing is carried to %(version)s: these words do not stand there.")
    return CarriedPanel(
        sentence=(f"{words} {together}" if count else nothing) % {"n": count, "version": announced.name},
        left=tuple(quote for text in texts for quote in text.left) if count else (),
        html=_redline(companion) if companion else "",
        url=version_url(companion) if companion else "",
    )


def _redline(companion: Version) -> str:
    after = companion.texts.filter(authoritative=True).first()
    before = companion.corrects.texts.filter(authoritative=True).first() if companion.corrects else None
    return rendering.comparison_of(before, after).changes_html if before and after else ""
