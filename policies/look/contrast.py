"""
Whether a color can be read where it stands: contrast as WCAG 2.2 counts it (1.4.3, and 1.4.11 for parts of a page).

An accent is text (links) on every ground of a page and a mail, and itself the ground of buttons. Text needs 4.5:1;
parts such as edges and focus rings need 3:1 on the same grounds, which 4.5:1 includes.
"""

import colorsys
import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

NEEDED = 4.5
COLOR = re.compile(r"#[0-9a-f]{6}")
WHITE, BLACK = "#ffffff", "#000000"


@dataclass(frozen=True)
class Scheme:
    """
    Light or dark: the grounds of pages (`static/css/site.css`) and mails (`templates/mail/_style.css`).

    :ivar share: how much of the accent its own tint has; the rest is paper
    """

    paper: str
    grounds: tuple[str, ...]
    share: float
    is_dark: bool = False

    def tint(self, accent: str) -> str:
        """The quiet ground beside the accent."""
        pairs = zip(_parts(accent), _parts(self.paper), strict=True)
        return _written([self.share * of_accent + (1 - self.share) * of_paper for of_accent, of_paper in pairs])

    def worst(self, accent: str) -> tuple[float, str]:
        """The least contrast that an accent has, and the ground on which it has it."""
        return min((ratio(accent, ground), ground) for ground in (*self.grounds, self.tint(accent)))


LIGHT = Scheme("#fdfcf9", ("#fdfcf9", "#f5f2eb", "#ffffff", "#f4f3ef"), share=0.1)
DARK = Scheme("#15191b", ("#15191b", "#1e2427", "#211f1d", "#161614"), share=0.16, is_dark=True)


def check(color: str, scheme: Scheme) -> None:
    """
    Refuse a color that could not be read.

    :raises ValidationError: that names the contrast it has, the one it needs, and the nearest color that passes
    """
    if not COLOR.fullmatch(color):
        raise ValidationError(_("Write a color as # and six digits, such as #0a4a5c."), code="no-color")
    found, ground = scheme.worst(color)
    if found < NEEDED:
        words = _(
            "%(color)s has a contrast of %(found)s:1 on %(ground)s. Links and buttons need 4.5:1 to be read."
            " The nearest color that has it is %(nearest)s."
        )
        # Cut, not rounded: 4.49 is not 4.5.
        said = {"color": color, "found": f"{int(found * 10) / 10:.1f}", "ground": ground}
        raise ValidationError(words, code="contrast", params={**said, "nearest": nearest(color, scheme)})


def nearest(color: str, scheme: Scheme) -> str:
    """The same hue, as much darker (or on dark grounds lighter) as it has to be."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _parts(color)))
    for step in range(256):
        moved = min(1.0, lightness + step / 255) if scheme.is_dark else max(0.0, lightness - step / 255)
        found = _written([part * 255 for part in colorsys.hls_to_rgb(hue, moved, saturation)])
        if scheme.worst(found)[0] >= NEEDED:
            return found
    return WHITE if scheme.is_dark else BLACK


def ink_on(color: str) -> str:
    """White or black, whichever is read on this color: one of them always has 4.5:1."""
    return WHITE if ratio(WHITE, color) >= NEEDED else BLACK


def ratio(one: str, other: str) -> float:
    """The contrast of two colors, from 1 to 21 (WCAG 2.2, “contrast ratio”)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    """WCAG 2.2, “relative luminance” (sRGB, IEC 61966-2-1)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (each / 255 for each in _parts(color))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _written(parts: list[float]) -> str:
    return "#" + "".join(f"{min(255, max(0, round(part))):02x}" for part in parts)
