"""
A property of every language: what may matter is never called harmless.

In a sentence of each language a word with force goes, or becomes another one of its kind, or a number another one.
"""

import re
from collections.abc import Iterator

import pytest

from policies.text.compare.redline import redline
from policies.text.meaning import proposal
from policies.text.words import function_words, prose

SENTENCES = {
    "en": "You must tell us within 30 days, and we will not sell or share all of your data.",
    "de": "Sie müssen uns in 30 Tagen schreiben, und wir werden nicht alle Ihre Daten verkaufen oder teilen.",
    "fr": "Vous devez nous écrire dans les 30 jours et nous ne pouvons pas vendre ou partager toutes vos données.",
    "es": "Usted debe escribirnos en 30 días y nosotros no podemos vender o compartir todos sus datos.",
    "it": "Lei deve scriverci entro 30 giorni e noi non possiamo vendere o condividere tutti i suoi dati.",
    "pt": "Você deve escrever em 30 dias e nós não podemos vender ou partilhar todos os seus dados.",
    "nl": "U moet ons binnen 30 dagen schrijven en wij mogen niet al uw gegevens verkopen of delen.",
    "ca": "Vostè pot escriure en 30 dies i nosaltres no podem vendre o compartir totes les seves dades.",
    "gl": "Vostede debe escribir en 30 días e nós non podemos vender ou compartir todos os seus datos.",
    "ro": "Trebuie să ne scrieți în 30 de zile și noi nu putem vinde sau da toate datele voastre.",
    "pl": "Musisz napisać w ciągu 30 dni i my nie możemy sprzedać lub przekazać wszystkich twoich danych.",
    "cs": "Vy musíte napsat do 30 dnů a my nikdy neprodáme nebo nepředáme všechny vaše údaje bez souhlasu.",
    "sk": "Vy musíte napísať do 30 dní a my nikdy nepredáme alebo neposkytneme všetky vaše údaje bez súhlasu.",
    "sl": "Vi morate pisati v 30 dneh in mi ne smemo prodati ali deliti vseh vaših podatkov.",
    "hr": "Vi morate pisati u roku od 30 dana i mi nećemo prodati ili dijeliti sve vaše podatke.",
    "sr": "Ви морате да пишете за 30 дана и ми нећемо продати или делити све ваше податке.",
    "bg": "Вие трябва да пишете до 30 дни и ние не можем да продаваме или споделяме всички ваши данни.",
    "mk": "Вие мора да пишете за 30 дена и ние не можеме да ги продадеме или споделиме сите ваши податоци.",
    "ru": "Вы должны написать в течение 30 дней, и мы не можем продать или передать все ваши данные.",
    "uk": "Ви повинні написати протягом 30 днів, і ми не можемо продати або передати всі ваші дані.",
    "el": "Πρέπει να μας γράψετε σε 30 ημέρες και δεν μπορούμε να πουλήσουμε ή να δώσουμε όλα τα δεδομένα σας.",
    "hu": "Önnek 30 napon belül írnia kell, és mi nem adhatjuk el vagy át az ön minden adatát.",
    "fi": "Teidän täytyy kirjoittaa 30 päivässä, ja me emme voi myydä tai jakaa kaikkia teidän tietoja.",
    "et": "Te peate kirjutama 30 päeva jooksul ja meie ei tohi müüa või jagada kõiki teie andmeid.",
    "lv": "Jums jāraksta 30 dienu laikā, un mēs nekad nevaram pārdot vai nodot visus jūsu datus.",
    "lt": "Jūs turite parašyti per 30 dienų, ir mes niekada negalime parduoti arba perduoti visus jūsų duomenis.",
    "sv": "Du måste skriva inom 30 dagar och vi får inte sälja eller dela alla dina uppgifter.",
    "da": "Du skal skrive inden 30 dage, og vi må ikke sælge eller dele alle dine oplysninger.",
    "nb": "Du må skrive innen 30 dager, og vi kan ikke selge eller dele alle dine opplysninger.",
    "is": "Þú verður að skrifa innan 30 daga og við megum ekki selja eða deila öllum gögnum ykkar.",
    "ga": "Caithfidh tú scríobh i 30 lá agus ní féidir linn do shonraí uile a dhíol nó a roinnt.",
    "mt": "Int għandek tikteb fi 30 jum u aħna ma nistgħux inbigħu jew naqsmu d-data tagħkom kollha.",
    "sq": "Ju duhet të shkruani brenda 30 ditëve dhe ne nuk mund të shesim ose ndajmë të gjitha të dhënat tuaja.",
    "eu": "Zuek 30 egunetan idatzi behar duzue eta guk ez dugu zure datu guztiak saltzen edo partekatzen.",
    "cy": "Rhaid i chi ysgrifennu o fewn 30 diwrnod ac ni allwn ni werthu neu rannu eich holl ddata.",
    "tr": "Siz 30 gün içinde yazmak zorundasınız ve biz asla tüm bilgilerinizi satmayız veya paylaşmayız.",
    "ar": "يجب أن تكتب خلال 30 يوما و نحن لا نبيع أو نشارك كل بياناتك.",
    "he": "אתה חייב לכתוב בתוך 30 ימים ואנחנו לא רשאים למכור או לשתף את כל הנתונים שלך.",
    "fa": "شما باید ظرف 30 روز بنویسید و ما هرگز همه داده‌های شما را نمی‌فروشیم یا به اشتراک نمی‌گذاریم.",
    "hi": "आप 30 दिन में लिखें और हम आपका सभी डेटा नहीं बेच सकते या साझा कर सकते।",
    "th": "คุณ ต้อง เขียน ภายใน 30 วัน และ เรา ไม่ ขาย หรือ แบ่งปัน ข้อมูล ทั้งหมด ของคุณ",
    "vi": "Bạn phải viết trong 30 ngày và chúng tôi không bán hoặc chia sẻ mọi dữ liệu của bạn.",
    "id": "Anda harus menulis dalam 30 hari dan kami tidak menjual atau membagikan semua data anda.",
    "ms": "Anda mesti menulis dalam 30 hari dan kami tidak menjual atau berkongsi semua data anda.",
    "sw": "Wewe lazima uandike ndani ya siku 30 na sisi hatuuzi au kushiriki data yote yako kamwe.",
    "ko": "귀하는 30일 안에 연락해야 하며 저희는 모든 정보를 팔거나 나누지 않습니다 및 또는 없습니다.",
    "ja": "お客様は30日以内に連絡し、当社はすべての情報を販売または共有しません。",
    "zh": "您必须在30天内联系我们，我们不会出售或分享您的所有信息。",
}
# Of a language that nobody described, each word is one that matters.
UNDESCRIBED = {
    "ka": "თქვენ უნდა მოგვწეროთ 30 დღეში და ჩვენ არ ვყიდით თქვენს მონაცემებს.",
    "hy": "Դուք պետք է գրեք 30 օրվա ընթացքում և մենք չենք վաճառում ձեր տվյալները։",
    "bn": "আপনাকে 30 দিনের মধ্যে লিখতে হবে এবং আমরা আপনার তথ্য বিক্রি করি না।",
    "ta": "நீங்கள் 30 நாட்களில் எழுத வேண்டும், நாங்கள் உங்கள் தரவை விற்க மாட்டோம்.",
    "am": "በ30 ቀናት ውስጥ መጻፍ አለብዎት እና እኛ መረጃዎን አንሸጥም።",
}


def klass(before: str, after: str, *, heading: str = "# 1\n\n") -> str:
    return proposal.propose(redline(f"{heading}{before}\n", f"{heading}{after}\n")).klass


def changed(sentence: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield what was done, and the sentence with it."""
    for number in re.finditer(r"\d+", sentence):
        yield "another number", f"{sentence[: number.start()]}45{sentence[number.end() :]}"
    for word in prose.WORD.finditer(sentence):
        before, after = sentence[: word.start()], sentence[word.end() :]
        for force, listed in function_words.of(language).forces:
            if word[0].casefold() in listed:
                yield f"{force} {word[0]} dropped", " ".join(f"{before}{after}".split())
                for other in sorted(listed - {word[0].casefold()})[:6]:
                    yield f"{force} {word[0]} to {other}", f"{before}{other}{after}"


@pytest.mark.parametrize("language", SENTENCES)
def test_a_word_with_force_is_never_harmless(language: str) -> None:
    sentence = SENTENCES[language]
    done = list(changed(sentence, language))
    assert [what for what, after in done if klass(sentence, after) != proposal.MATERIAL] == []


def test_there_was_something_to_change() -> None:
    counts = {language: len(list(changed(sentence, language))) for language, sentence in SENTENCES.items()}
    # Without blanks between words, the words of a list are not found one by one: only the number is.
    assert {language for language, count in counts.items() if count < 10} <= {"ja", "zh", "ko", "th"}
    assert len(counts) >= 36


@pytest.mark.parametrize("language", ["ja", "zh", "th", "ko"])
def test_no_sign_is_harmless_where_signs_are_words(language: str) -> None:
    sentence = SENTENCES[language]
    kept = [k for k, sign in enumerate(sentence) if sign.isalpha()]
    assert all(klass(sentence, sentence[:k] + sentence[k + 1 :]) == proposal.MATERIAL for k in kept)


@pytest.mark.parametrize("language", UNDESCRIBED)
def test_no_word_is_harmless_in_a_language_nobody_described(language: str) -> None:
    words = UNDESCRIBED[language].split()
    for k in range(len(words)):
        assert klass(" ".join(words), " ".join(words[:k] + words[k + 1 :])) == proposal.MATERIAL, words[k]
