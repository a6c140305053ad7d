"""The words around dates in many languages: months, and what a date is said to be."""

import re
import unicodedata
from functools import lru_cache

# Full names and abbreviations, accents folded; genitives where a language dates with them. A paragraph a month.
_LATIN = """
january jan janvier janv januar janner enero ene gennaio gen janeiro januari januar styczen stycznia leden ledna
januara ianuarie ian januar sijecnja gener tammikuuta ocak janvaris sausio

february feb fevrier fevr fev februar febrero febbraio fevereiro februari luty lutego unor unora februara
februarie veljace febrer helmikuuta subat

march mar mars marz maerz marzo marco maart marzec marca brezen brezna martie marcius ozujka marc maaliskuuta
mart maret

april apr avril avr abril abr aprile kwiecien kwietnia duben dubna aprila aprilie aprilis travnja huhtikuuta
nisan

may mai mayo maggio mag maio mei maj maja kveten kvetna maja majus svibnja maig toukokuuta mayis

june jun juin juni junio giugno giu junho czerwiec czerwca cerven cervna juna iunie junius lipnja juny kesakuuta
haziran

july jul juillet juil juli julio luglio lug julho lipiec lipca cervenec cervence jula iulie julius srpnja juliol
heinakuuta temmuz

august aug aout agosto ago augustus sierpien sierpnia srpen srpna augusta augusztus kolovoza agost elokuuta
agustos augusti agustus

september sep sept septembre septiembre setiembre settembre set setembro wrzesien wrzesnia zari septembra
septembrie szeptember rujna setembre syyskuuta eylul

october oct octobre oktober okt octubre ottobre ott outubro out pazdziernik pazdziernika rijen rijna oktobra
octombrie listopada lokakuuta ekim

november nov novembre noviembre novembro listopad listopadu novembra noiembrie studenoga marraskuuta kasim

december dec decembre dezember dez diciembre dic dicembre dezembro grudzien grudnia prosinec prosince decembra
decembrie prosinca desembre joulukuuta aralik desember des
"""
_OTHER = """
января январь янв январи січня ιανουαριου ιαν

февраля февраль фев февруари лютого φεβρουαριου φεβ

марта март мар березня μαρτιου μαρ

апреля апрель апр април квітня απριλιου απρ

мая май маи травня μαιου μαι

июня июнь юни червня ιουνιου ιουν

июля июль юли липня ιουλιου ιουλ

августа август авг серпня αυγουστου αυγ

сентября сентябрь сен септември вересня σεπτεμβριου σεπ σεπτ

октября октябрь окт октомври жовтня οκτωβριου οκτ

ноября ноябрь ноя ноември листопада νοεμβριου νοε

декабря декабрь дек декември грудня δεκεμβριου δεκ
"""
# As people type them who are in a hurry, in English.
_MISSPELLED = """
janurary januray jannuary
feburary febuary februrary febraury
-
-
-
-
-
agust augest
septemeber septmber setpember
ocotber octber
novemeber novmber
decemeber decmber
"""
# "listopada" is November in Polish and October in Croatian; Polish is by far the more frequent.
_BY_NAME = {
    name: number
    for months in (_LATIN, _OTHER)
    for number, names in enumerate(months.split("\n\n"), start=1)
    for name in names.split()
} | {"listopada": 11}
_BY_NAME |= {
    name: number
    for number, names in enumerate(_MISSPELLED.strip().split("\n"), start=1)
    for name in names.strip("-").split()
}

# What a date is, by the words next to it. One alternation; the name of the group that matched is the role.
ROLE_WORDS = re.compile(
    r"""
    (?P<updated>
        (?:(?:date\s+of\s+(?:the\s+)?)?(?:last|latest|most\s+recent(?:ly)?|recent)\W+(?:up-?dated?|revis\w{1,20}|modif\w{1,20}|amend\w{1,20}|
            changed?|edit\w{1,20})(?:\s+date)?)
        |(?:up-?dated?|revis(?:ed|ion)|amended|modified)\b(?:\s+date)?|\bdated\b|^\W*date\s*:
        |derni[eè]re?\s+(?:mise\s+[aà]\s+jour|mis\s+[aà]\s+jour|r[eé]vision|modification|actualisation)
        |mis(?:e|es)?\s+[aà]\s+jour|mise\s+[aà]\s+jour|actualis[ée]+e?s?\b|modifi[ée]+e?s?\b(?=\s+(?:le|en|et|pour|au)\b)|r[ée]vis[ée]+e?s?\b
        |\bstand\b|(?:zuletzt|letzte)\s+(?:aktualisiert|aktualisierung|ge[aä]nderte?|[aä]nderung|[uü]berarbeitet)|aktualisiert\b|fassung\s+vom
        |[uú]ltima\s+(?:actualizaci[oó]n|modificaci[oó]n|revisi[oó]n|atualiza[cç][aã]o|modifica[cç][aã]o|revis[aã]o|alteraci[oó]n)
        |actualizad[oa]s?\b|atualizad[oa]s?\b|(?:fecha\s+de\s+)?actualizaci[oó]n\b|data\s+da\s+atualiza[cç][aã]o
        |ultim[oa]\s+(?:aggiornamento|modifica|revisione|actualizare|modificare)|aggiornat[oaie]\b|actualizat[aăe]?\b|ultima\s+actualizare
        |(?:voor\s+het\s+)?laatst(?:e)?\s+(?:bij\s?gewerkt|gewijzigd|herzien|update|wijziging|bijwerking)|bijgewerkt\b
        |senast\s+(?:uppdaterad\w{0,20}|[aä]ndrad\w{0,20})|uppdaterad\w{0,20}\b|sist\s+oppdatert|oppdatert\b|senest\s+(?:opdateret|[aæ]ndret)|opdateret\b
        |ostatni[ae]?\s+(?:aktualizacja|zmiana|modyfikacja)|(?:data\s+)?aktualizacji\b|zaktualizowan\w{1,20}
        |posledn[ií]\s+(?:aktualizace|zm[eě]na|[uú]prava)|posledn[aá]\s+(?:aktualiz[aá]cia|zmena|[uú]prava)|aktualizov[aá]n\w{0,20}
        |utols[oó]\s+(?:friss[ií]t[eé]s|m[oó]dos[ií]t[aá]s)|friss[ií]tve|viimeksi\s+p[aä]ivitetty|p[aä]ivitetty
        |son\s+g[uü]ncelle(?:me|nme)(?:\s+tarihi)?|g[uü]ncellenme|terakhir\s+(?:diperbarui|diubah)|diperbarui\b|diubah\b
        |posljednj\w{1,20}\s+(?:a[zž]uriran\w{0,20}|izmjen\w{0,20})|zadnj\w{1,20}\s+(?:posodob\w{0,20}|spremem\w{0,20})
        |[uú]ltima\s+(?:actualitzaci[oó]|modificaci[oó])
        |последн\w{1,20}\s+(?:обновлени\w|редакци\w|изменени\w|актуализаци\w|промян\w)(?:\s+на\s+документ\w{0,20})?|обновлен\w{0,20}|актуализиран\w{0,20}
        |останн\w{1,20}\s+оновлення|τελευτα[ιί]α\s+(?:ενημ[εέ]ρωση|αναθε[ωώ]ρηση|τροποπο[ιί]ηση)|ενημερ[ωώ]θηκε
        |最終(?:更新|改[定訂])日?|(?:最近|最后|最後)(?:一次)?(?:更新|修[订訂改])(?:于|日期|時間|时间)?|更新日期?|更新于|改[定訂]日?|修[订訂]日期?
        |آخر\s+(?:تحديث|تعديل)|تم\s+(?:التحديث|التعديل)|آخرین\s+(?:به\W?روز\s?رسانی|ویرایش|تغییر)
        |עודכן\s+לאחרונה|עדכון\s+אחרון|תאריך\s+(?:ה)?עדכון
        |cập\s+nhật\s+(?:lần\s+cuối|gần\s+(?:đây\s+)?nhất|mới\s+nhất)|अंतिम\s+(?:अपडेट|अद्यतन|संशोधन)|อัปเดตล่าสุด|ปรับปรุงล่าสุด
        |최종\s*(?:업데이트|수정|개정)(?:일)?|마지막\s*업데이트|(?:수정|개정)일
    )
    |(?P<effective>
        (?:date\s+)?effective(?:\s+date)?|in\s+(?:force|effect)\s+(?:since|from|as\s+of)|enters?\s+into\s+force|takes?\s+effect|(?:came|come[s]?)\s+into\s+(?:force|effect)
        |valid\s+(?:from|as\s+of|since)|applicable\s+(?:from|as\s+of|since|date)|appl(?:y|ies)\s+(?:from|as\s+of)|starting\s+from
        |(?:date\s+d['’]\s?)?entr[ée]+e?s?\s+en\s+(?:vigueur|application)|entr(?:e|ent|ant|era|eront)\s+en\s+vigueur|en\s+vigueur|date\s+d['’]effet|prend\w{0,20}\s+effet|applicables?\s+(?:à|au|depuis|d[eè]s)
        |g[uü]ltig\s+(?:ab|seit)|in\s+kraft(?:\s+(?:ab|seit|getreten))?|wirksam\s+(?:ab|seit|zum)|inkrafttreten|g[uü]ltigkeitsdatum
        |vigente?s?\b(?:\s+desde)?|(?:entrada\s+)?en\s+vigor|fecha\s+(?:de\s+entrada\s+en\s+vigor|efectiva|de\s+vigencia)|em\s+vigor|data\s+de\s+(?:vig[eê]ncia|entrada)|v[aá]lid[oa]s?\s+(?:desde|a\s+partir)
        |in\s+vigore|data\s+di\s+(?:entrata|validit[aà])|valid[oaie]\s+dal|efficac[ei]\s+dal
        |van\s+kracht|geldig\s+(?:vanaf|per)|ingangsdatum|ingaande|g[aä]ller\s+(?:fr[aå]n|fr\.?o\.?m)|gjelder\s+fra|g[aæ]lder\s+fra|tr[aæ]der\s+i\s+kraft|tr[aä]der\s+i\s+kraft|ikraft\w{0,20}
        |obowi[aą]zuj\w{0,20}\s+od|wchodzi\s+w\s+[zż]ycie|w\s+brzmieniu\s+od|platn[eéáaýy]\w{0,20}\s+(?:od|dne|a\s+[uú][cč]inn\w{1,20})?|nab[yý]v\w{1,20}\s+(?:platnosti|[uú][cč]innost\w{0,20})|nadob[uú]da\w{0,20}\s+(?:platnos[tť]\w{0,20}|[uú][cč]innos[tť]\w{0,20})
        |[uú][cč]inn(?:[eéáaýy]|os[tť]\w{0,20})\w{0,20}(?:\s+(?:od|dne|d[nň]a|d[nň]om|ke\s+dni))?
        |hat[aá]ly(?:ba\s?l[eé]p\w{0,20}|os)(?:\s+d[aá]tuma)?|[eé]rv[eé]nyes|voimassa|y[uü]r[uü]rl[uü][kğ]\w{0,20}|berlaku(?:\s+(?:sejak|mulai))?
        |(?:in|intr[aă])\s+(?:vigoare|vigore)|valabil\w{0,20}\s+din|primjenjuj\w{1,20}\s+se\s+od|stupa\w{0,20}\s+na\s+snagu|velja(?:jo)?\s+od|na\s+snazi
        |действу\w{1,20}\s+с|вступа\w{1,20}\s+в\s+силу|в\s+сила|набува\w{1,20}\s+чинності|ισχ[υύ]ει\s+απ[οό]
        |تاريخ\s+(?:السريان|النفاذ|السَّريان|بدء\s+السريان)|(?:ساري|سارية)\s+(?:المفعول\s+)?(?:من|منذ|اعتبار)|يسري\w{0,9}\s+(?:من|اعتبار)
        |בתוקף\s+(?:מ|החל)|תאריך\s+(?:תחילה|תוקף|כניסה\s+לתוקף)|(?:có\s+)?hiệu\s+lực\s+(?:từ|kể\s+từ)
        |施行|発効(?:日)?|生效(?:日期|日)?|有効|발효|시행(?:일)?|효력
    )
    |(?P<published>
        publish(?:ed|ing)?(?:\s+(?:date|on))?|(?:date\s+of\s+)?publication(?:\s+date)?|posted\s*(?:on|:)|issued\s*(?:on|:)|date\s+(?:of\s+issue|posted)|released?\s+(?:on|date)
        |publi[ée]e?s?(?:\s+le)?|date\s+de\s+publication|ver[oö]ffentlicht|publicad[oa]|fecha\s+de\s+publicaci[oó]n|pubblicat[oaie]|gepubliceerd
        |opublikowan\w{1,20}|zve[rř]ejn[eě]n\w{0,20}|опубликован\w{0,20}|公開日?|发布(?:日期|于)?|發布|게시일?|공고일
    )
    |(?P<reviewed>(?:last\s+)?reviewed(?:\s+on)?|last\s+review|revu[e]?\s+le|[uü]berpr[uü]ft)
    |(?P<version>\bver(?:sion|si[oó]n|sione|si|s[aã]o|zi[oó]|ze|zia|zió|sie|siunea)\b|версия|版本|버전|verzi[oó]|έκδοση|wersja)
    """,
    re.IGNORECASE | re.VERBOSE,
)


@lru_cache(maxsize=512)
def month_of(word: str) -> int:
    """Return 1 to 12, or 0 for a word that is no month; languages not listed here are asked of dateparser."""
    folded = _folded(word)
    if folded in _BY_NAME:
        return _BY_NAME[folded]
    # Chinese, Japanese and Korean number their months.
    is_named = not folded.isascii() and not re.search("[\u3040-\u9fff\uac00-\ud7af]", folded)
    return _of_other_language(word) if is_named else 0


def _of_other_language(word: str) -> int:
    # Imported here: its tables take a quarter of a second to load and few texts need them.
    import dateparser  # noqa: PLC0415

    found = dateparser.parse(f"1 {word} 2020", settings={"REQUIRE_PARTS": ["month"], "PREFER_DAY_OF_MONTH": "first"})
    return found.month if found else 0


def _folded(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in folded if not unicodedata.combining(c)).replace("ł", "l").replace("ı", "i")
