"""Colors that can be read are taken, others are refused with one that can."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from policies.look import contrast
from policies.look.contrast import DARK, LIGHT, Scheme

ROOT = Path(__file__).parents[2]
colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
schemes = st.sampled_from([LIGHT, DARK])


def test_contrast_is_counted_as_wcag_counts_it() -> None:
    assert contrast.ratio("#ffffff", "#000000") == pytest.approx(21)
    assert contrast.ratio("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


def test_a_color_that_cannot_be_read_is_refused_with_its_contrast_and_the_nearest_that_can() -> None:
    with pytest.raises(ValidationError) as refused:
        contrast.check("#ffcc00", LIGHT)
    (said,) = refused.value.messages
    assert re.match(r"#ffcc00 has a contrast of 1\.\d:1 on #\w{6}\. Links and buttons need 4\.5:1", said)
    contrast.check(said.split()[-1].rstrip("."), LIGHT)


@pytest.mark.parametrize("color", ["", "teal", "#fff", "#0A4A5C", "#12345g", "#0a4a5c; --x: url(//evil.example)"])
def test_what_is_no_color_is_refused(color: str) -> None:
    with pytest.raises(ValidationError, match="six digits"):
        contrast.check(color, LIGHT)


@given(colors, schemes)
def test_the_nearest_color_always_passes_and_one_that_passes_is_its_own_nearest(color: str, scheme: Scheme) -> None:
    nearest = contrast.nearest(color, scheme)
    contrast.check(nearest, scheme)
    assert scheme.worst(color)[0] < contrast.NEEDED or nearest == color


@given(colors)
def test_what_stands_on_a_button_can_always_be_read(color: str) -> None:
    assert contrast.ratio(contrast.ink_on(color), color) >= contrast.NEEDED


def test_the_grounds_are_those_of_the_style_sheets() -> None:
    site = (ROOT / "static/css/site.css").read_text()
    light, dark = site.split("prefers-color-scheme: dark", 1)
    for scheme, sheet in ((LIGHT, light), (DARK, dark.split("@media print")[0])):
        assert {re.search(rf"--{name}: (#\w+)", sheet)[1] for name in ("paper", "panel")} <= set(scheme.grounds)  # type: ignore[index]
    mail = (ROOT / "templates/mail/_style.css").read_text()
    light, dark = mail.split("prefers-color-scheme: dark", 1)
    for scheme, sheet in ((LIGHT, light), (DARK, dark)):
        grounds = re.findall(r"^\s*(?:body|\.sheet) \{.*?background: (#\w{6})", sheet, re.MULTILINE)
        assert len(grounds) == 2
        assert set(grounds) <= set(scheme.grounds)
