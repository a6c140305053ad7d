"""What was on the screen: a signed token that the form brings back, and the screen's sources by their hash."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.core import signing

from policies import ledger
from policies.acceptance.answering import Showing, StaleScreen
from policies.models import BoundRendering, Person, Screen, Version

SALT = "policies.acceptance.screen"
# As long as a session lasts: whoever comes back later reads the text again.
TOKEN_PERIOD = timedelta(hours=12)


@dataclass(frozen=True)
class Shown:
    """A screen as it was made for one person. `wordings` are the words of each answer, by the answer's name."""

    version_id: int
    person_id: int
    language: str
    text_sha256: str
    manifest_sha256: str
    compared_with_id: int | None
    rendering_id: int | None
    screen_sha256: str
    wordings: Mapping[str, str]
    locale: str
    render_id: str
    displayed_at: datetime


def show(
    *,
    version: Version,
    person: Person,
    language: str,
    compared_with: Version | None,
    rendering: BoundRendering | None,
    screen_sha256: str,
    wordings: Mapping[str, str],
    locale: str,
    at: datetime,
) -> Shown:
    """Describe a screen that is about to be shown. Nothing is written: the form's token brings it back."""
    return Shown(
        version_id=version.pk,
        person_id=person.pk,
        language=language,
        text_sha256=version.text_in(language).sha256,
        manifest_sha256=version.manifest_sha256,
        compared_with_id=compared_with.pk if compared_with else None,
        rendering_id=rendering.pk if rendering else None,
        screen_sha256=screen_sha256,
        wordings=wordings,
        locale=locale,
        render_id=secrets.token_urlsafe(16),
        displayed_at=at,
    )


def token_of(shown: Shown) -> str:
    """Sign a screen's description."""
    return signing.dumps({**vars(shown), "displayed_at": shown.displayed_at.isoformat()}, salt=SALT, compress=True)


def read_token(token: str, *, person: Person) -> Shown:
    """
    Read a screen's description back.

    :raises StaleScreen: if it was not signed here, is older than TOKEN_PERIOD, or was shown to somebody else
    """
    try:
        values = signing.loads(token, salt=SALT, max_age=TOKEN_PERIOD)
        shown = Shown(**{**values, "displayed_at": datetime.fromisoformat(values["displayed_at"])})
    except (signing.BadSignature, TypeError, ValueError, KeyError) as error:
        raise StaleScreen from error
    if shown.person_id != person.pk:
        raise StaleScreen
    return shown


def showing_of(shown: Shown, *, answer: str, screen: Screen) -> Showing:
    """Turn a screen's description into what an act records, with the words of the answer that was given."""
    return Showing(
        language=shown.language,
        text_sha256=shown.text_sha256,
        manifest_sha256=shown.manifest_sha256,
        wording=shown.wordings.get(answer, ""),
        locale=shown.locale,
        render_id=shown.render_id,
        displayed_at=shown.displayed_at,
        screen=screen,
        compared_with=Version.objects.filter(pk=shown.compared_with_id).first() if shown.compared_with_id else None,
        rendering=BoundRendering.objects.filter(pk=shown.rendering_id).first() if shown.rendering_id else None,
    )


def screen_sha256(sources: Sequence[tuple[str, str]], wording: Mapping[str, str]) -> str:
    """Name a screen by the hash of its sources (file name and content) and its wording in one language."""
    return _sha256(tuple((name, content) for name, content in sources), tuple(wording.items()))


@lru_cache(maxsize=64)
def _sha256(sources: tuple[tuple[str, str], ...], wording: tuple[tuple[str, str], ...]) -> str:
    """Remembered: the sources are the same for every answer, and hashing them takes as long as a query."""
    return hashlib.sha256(_described(sources, dict(wording)).encode()).hexdigest()


def keep_screen(
    *, template: str, sources: Sequence[tuple[str, str]], wording: Mapping[str, str], at: datetime
) -> Screen:
    """Put a screen's sources on the record, the first time an act is done on it. They come back unread."""
    named = screen_sha256(sources, wording)
    known = Screen.objects.filter(sha256=named).defer("source").first()
    if known is not None:
        return known
    screen, _created = Screen.objects.get_or_create(
        sha256=named,
        defaults={
            "template": template,
            "source": ledger.canonical_json({"files": [list(pair) for pair in sources]}),
            "wording": dict(wording),
            "first_used_at": at,
        },
    )
    return screen


def _described(sources: Sequence[tuple[str, str]], wording: Mapping[str, str]) -> str:
    return ledger.canonical_json({"files": [list(pair) for pair in sources], "wording": dict(wording)})
