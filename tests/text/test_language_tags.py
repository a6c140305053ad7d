"""Tags of languages: what is well-formed by RFC 5646, how it is written, and what it falls back to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.text.words import language_tags

# From RFC 5646, Appendix A, among others.
WRITTEN = {
    "de": "de",
    "DE-at": "de-AT",
    "pt-br": "pt-BR",
    "zh-hans-cn": "zh-Hans-CN",
    "ZH-HANT-hk": "zh-Hant-HK",
    "sr-latn": "sr-Latn",
    "es-419": "es-419",
    "zh-cmn-hans-cn": "zh-cmn-Hans-CN",
    "sl-ROZAJ-biske": "sl-rozaj-biske",
    "de-ch-1901": "de-CH-1901",
    "hy-latn-it-arevela": "hy-Latn-IT-arevela",
    "en-US-u-Islamcal": "en-US-u-islamcal",
    "de-DE-x-Goethe": "de-DE-x-goethe",
    "tlh": "tlh",
}


@pytest.mark.parametrize(("told", "written"), WRITTEN.items())
def test_a_tag_is_written_as_usual(told: str, written: str) -> None:
    assert language_tags.canonical(told) == written


@pytest.mark.parametrize(
    "told",
    [
        *("", "d", "de_AT", "de-", "-de", "de--AT", "deutschland", "de-419-DE", "de-de-1901-1901", "a-DE"),
        *("x-de", "de-x", "de AT", "dé", "de\n", "12", "en-a-bb-a-cc", "ar-a-aaa-b-bbb-a-ccc"),
        "en-" + "x-aaaaaaaa" * 5,
    ],
)
def test_what_is_no_tag_is_refused(told: str) -> None:
    with pytest.raises(ValueError, match=r"tag|twice"):
        language_tags.canonical(told)


@given(st.text(alphabet="abz-DE0179x_é", max_size=40))
def test_writing_a_tag_again_changes_nothing(told: str) -> None:
    try:
        written = language_tags.canonical(told)
    except ValueError:
        return
    assert language_tags.canonical(written) == written
    assert written.lower() == told.lower()


def test_a_tag_falls_back_from_its_end() -> None:
    assert list(language_tags.fallbacks("zh-Hant-CN-x-private1-private2")) == [
        "zh-Hant-CN-x-private1-private2",
        "zh-Hant-CN-x-private1",
        "zh-Hant-CN",
        "zh-Hant",
        "zh",
    ]


def test_nearest_of_what_is_there() -> None:
    assert language_tags.nearest("de-AT", ["de", "en"]) == "de"
    assert language_tags.nearest("de-at", ["de-AT", "de"]) == "de-AT"
    assert language_tags.nearest("pt", ["pt-BR", "en"]) is None
    assert language_tags.nearest("pt-BR", {"en": 1}) is None
