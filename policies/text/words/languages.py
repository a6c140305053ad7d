"""Which language a text is in: by its script, then by its most common words."""

import re
from collections import Counter

_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
COMMON = {
    "en": "the and of to you your we our is are this that with for or not will may any have by",
    "fr": "les des vous nous votre est une dans pour que par sur sont avec vos aux nos cette peut le la",
    "de": "die der und wir sie ihre nicht ist oder von zu den das werden mit für eine auf bei unsere",
    "es": "los las usted que por para con una sus del nuestro puede son este como su el la datos nosotros",
    "it": "che per gli della sono con una dei nostri può questo nel dati il di utente alla i delle",
    "pt": "que para os uma com não seus você são por dos da em ou nossos pode ser dados à ao",
    "nl": "het een van wij uw niet zijn voor dat met jouw deze worden onze aan je wordt op of kunnen",
    "pl": "nie jest się do na oraz przez które lub w z że danych dla są użytkownik serwisu przy",
    "cs": "nebo které při není jsou pro se na že jste vaše jsme podle osobních údajů tak i ve který",
    "sk": "alebo ktoré pri nie je sú pre sa na že ste vaše sme podľa osobných údajov ako vo ktorý",
    "sv": "och att vi du din för som är inte med av på till kan eller dina den det har om",
    "da": "og at vi du din for som er ikke med af på til kan eller dine den det har om du",
    "hu": "és hogy nem az egy ön vagy meg amely azt is valamint adatok ha kell által",
    "ro": "și sau care este pentru cu din nu sunt vă dumneavoastră în la prin de să acest",
    "tr": "ve bir bu için ile veya olarak olan tarafından kişisel daha bilgi gibi kadar",
    "id": "dan yang kami anda untuk dengan atau tidak dari ini akan dapat data pada di",
    "ca": "els les vostre per amb una són que del aquest pot ser dades seva nostre i o la",
    "hr": "i je za ili koje koji da se na su ne u od vaše možemo podataka korisnik",
    "sl": "in je za ali ki da se na so ne v od vaše podatkov uporabnik lahko pri",
    "vi": "và của các cho được không có trong chúng tôi khi này hoặc với người để là thông tin những đến",
    "fi": "ja on ei että tai voi sekä jotka tämä olla mukaan tietoja palvelun käyttäjä",
}
_CYRILLIC = {
    "ru": "и в не на что вы мы для или по это как ваши данных при с",
    "bg": "и на за да се в от не или са по че при вашите данни с",
    "uk": "і в не на що ви ми для або за це як ваші даних при з",
}
_WORD = re.compile(r"[^\W\d_]+")


def detect(text: str) -> str:
    """Return a two-letter code, or "und" where the words do not tell."""
    sample = text[:20_000]
    if code := of_script(sample):
        return code
    letters = sum(map(str.isalpha, sample)) or 1
    is_cyrillic = len(re.findall("[\u0400-\u04ff]", sample)) > 0.3 * letters
    words = Counter(_WORD.findall(sample.casefold()))
    scores = {
        code: sum(words[w] for w in set(common.split()))
        for code, common in (_CYRILLIC if is_cyrillic else COMMON).items()
    }
    code = max(scores, key=lambda name: scores[name])
    return code if scores[code] >= 0.05 * words.total() and scores[code] else "und"


def of_script(sample: str) -> str:
    """Return the language that alone, or most of all, is written in the script of a text; "" where many are."""
    letters = sum(map(str.isalpha, sample)) or 1
    for code, script in _SCRIPTS:
        if len(script.findall(sample)) > (0.05 if code == "ja" else 0.2) * letters:
            return code
    return ""
