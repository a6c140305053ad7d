import pytest

from policies.text.words import function_words

SPOKEN = {
    "en": "We do not sell your data to anybody, and you may ask us about it.",
    "de": "Wir verkaufen Ihre Daten nicht, und Sie können uns danach fragen.",
    "fr": "Nous ne vendons pas vos données et vous pouvez nous écrire.",
    "es": "No vendemos sus datos personales a terceros para la publicidad de otras empresas.",
    "pt": "Não vendemos os seus dados pessoais a terceiros nem os usamos para publicidade.",
    "da": "Vi sælger ikke nogen af dine oplysninger til andre.",
    "pl": "Nie sprzedajemy Twoich danych osobowych innym firmom i nie używamy ich do reklamy.",
    "tr": "Kişisel verilerinizi üçüncü kişilere satmayız ve başka şirketler için kullanmayız.",
    "ru": "Мы не продаём ваши данные и не передаём их другим.",
    "uk": "Ми не продаємо ваші дані та не передаємо їх іншим.",
    "ar": "نحن لا نبيع بياناتك إلى أي طرف، أو نشاركها مع غير الشركاء.",
    "zh": "我们不会出售您的个人信息。",
    "th": "เราไม่ขายข้อมูลส่วนบุคคลของคุณ",
}


@pytest.mark.parametrize("language", SPOKEN)
def test_a_sentence_tells_its_language(language: str) -> None:
    assert function_words.language_of(SPOKEN[language]) == language


def test_names_and_numbers_tell_none() -> None:
    assert function_words.language_of("Acme GmbH, 12345 Springfield") == function_words.UNKNOWN


def test_a_word_without_force_in_one_language_has_it_in_another() -> None:
    """ "a" is an article in English and "and" in Czech; "no" is "in the" in Portuguese and "not" in Spanish."""
    assert "a" in function_words.of("en").empty
    assert "a" in function_words.of("cs").forceful
    assert "no" in function_words.of("es").forceful


def test_of_an_unknown_language_every_word_counts() -> None:
    assert not function_words.of(function_words.UNKNOWN).every


def test_no_word_is_both_empty_and_forceful() -> None:
    for language in function_words.known():
        said = function_words.of(language)
        assert said.empty.isdisjoint(said.forceful), language
        assert len(function_words.FORCES) == len([words for _, words in said.forces if words]), language


def test_at_least_36_languages_are_known() -> None:
    assert len(function_words.known()) >= 36


def test_the_strongest_force_is_named() -> None:
    assert function_words.of("en").force_of(["We", "may", "not"]) == function_words.NEGATION
    assert function_words.of("en").force_of(["sell", "data"]) == ""
