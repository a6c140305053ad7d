"""
Browsers by the names that people know: "Firefox on Windows".

Only what says of itself what browsers say: each of the common ones has a token of its own, and names the one it is made
of beside it. Whatever else is shown as it named itself.
"""

import re

from django.utils.translation import gettext as _

# In this order: those made of another come before it.
BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OP(?:R|T|X)/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("DuckDuckGo", r"(?:DuckDuckGo|Ddg)/"),
    ("Firefox", r"(?:Firefox|FxiOS)/"),
    ("Chrome", r"(?:Chrome|CriOS)/"),
    ("Safari", r"Version/\S+ (?:Mobile/\S+ )?Safari/"),
)
SYSTEMS = (
    ("iPhone", r"\(iPhone"),
    ("iPad", r"\(iPad"),
    ("Android", r"Android"),
    ("Windows", r"\(Windows NT"),
    ("ChromeOS", r"CrOS"),
    ("Mac", r"\(Macintosh"),
    ("Linux", r"Linux"),
)


def of(told: str) -> str:
    """Name the browser that tells `told` (a User-Agent header), and the system it is on where that is known."""
    browser = _first(BROWSERS, told) if told.startswith("Mozilla/5.0 (") else ""
    system = _first(SYSTEMS, told)
    if not browser:
        return told
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser


def _first(names: tuple[tuple[str, str], ...], told: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, told)), "")
