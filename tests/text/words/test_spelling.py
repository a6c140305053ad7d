import pytest

from policies.text.words import spelling
from policies.text.words.spelling import Writing


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("en", "e-mail", "email"),
        ("en", "you're", "you are"),
        ("en", "can't", "cannot"),
        ("en", "won't", "will not"),
        ("en", "behavior", "behaviour"),
        ("en", "analyze", "analyse"),
        ("en", "recieve", "receive"),
        ("en", "infomation", "information"),
        ("en", "personal infomation", "personal information"),
        ("en", "information", "infomration"),
        ("nl", "HeHet", "Het"),
        ("de", "Einwiligung", "Einwilligung"),
        ("fr", "donées", "données"),
        ("es", "inforamción", "información"),
        ("pl", "danyhc", "danych"),
        ("ru", "информацция", "информация"),
        ("xx", "Personal Data", "personal data"),
        ("xx", "30-day", "30 day"),
    ],
)
def test_the_same_words_written_otherwise_are_spelling(language: str, before: str, after: str) -> None:
    assert spelling.is_spelling(before, after, Writing(language))
    assert spelling.is_spelling(after, before, Writing(language))


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("en", "employer", "employee"),
        ("en", "Ireland", "Iceland"),
        ("en", "opt-in", "opt-out"),
        ("en", "lawful", "unlawful"),
        ("en", "lessor", "lessee"),
        ("en", "our", "or"),
        ("en", "us", "US"),
        ("en", "and/or", "and or"),
        ("en", "1.000", "1,000"),
        ("en", "$5", "€5"),
        ("en", "5 %", "5"),
        ("de", "Arbeitgeber", "Arbeitnehmer"),
        ("de", "Käufer", "Verkäufer"),
        ("de", "kein", "ein"),
        # As long as each other, one of them unknown to the dictionary.
        ("id", "mesti", "boleh"),
        ("en", "zebrx", "sells"),
        ("tr", "satmıyoruz", "satıyoruz"),
        ("cs", "sdílíme", "nesdílíme"),
        # Of a language without a dictionary no word is known.
        ("th", "recieve", "receive"),
        ("und", "recieve", "receive"),
        # Two names that no dictionary knows.
        ("en", "Nortwind", "Northwind"),
    ],
)
def test_two_words_that_look_alike_are_two_words(language: str, before: str, after: str) -> None:
    assert not spelling.is_spelling(before, after, Writing(language))
    assert not spelling.is_spelling(after, before, Writing(language))


def test_a_word_that_the_text_keeps_using_is_one() -> None:
    writing = Writing("en", frozenset(["subprocessors"]))
    assert spelling.is_spelling("subprocesors", "subprocessors", writing)
    assert not spelling.is_spelling("subprocesors", "subprocessors", Writing("en"))
