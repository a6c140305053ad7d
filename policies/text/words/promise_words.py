"""The words of clauses about changes, in English and French first, then German, Spanish, Italian, Dutch."""

import re


def _any(*patterns: str) -> re.Pattern[str]:
    """One of these; no word of them has more than forty letters, and nobody looks for its end to the end of a text."""
    words = "|".join(patterns).replace(r"\w+", r"\w{1,40}").replace(r"\w*", r"\w{0,40}")
    return re.compile(words, re.IGNORECASE)


_TEXT = (
    r"(?:(?:privacy|cookie|data protection)\s+)?(?:polic(?:y|ies)|notices?|statements?|terms|agreements?|conditions|"
    r"document|guidelines)|"
    r"politique|conditions|cgu|cgv|cgs|charte|note d'information|mentions|datenschutz\w*|nutzungsbedingungen|agb|"
    r"bedingungen|"
    r"erklärung|política|términos|aviso|condiciones|informativa|condizioni|termini|beleid|voorwaarden|verklaring"
)
_CHANGE = (
    r"chang(?:e|es|ed|ing)\b|updat(?:e|es|ed|ing)\b|revis(?:e|es|ed|ion|ions|ing)\b|modif\w+|amend\w*|alter(?:ation|"
    r"ations|ed)?\b|"
    r"mis(?:e|es)? à jour|mettre à jour|évol\w+|änder\w+|aktualisier\w+|anpass\w+|cambi\w+|actualiz\w+|aggiorn\w+|"
    r"wijzig\w+|aanpass\w+"
)
CHANGE = _any(rf"\b(?:{_CHANGE})")
THIS_TEXT = _any(rf"\b(?:{_TEXT})")
TITLE = _any(
    rf"\b(?:{_CHANGE})[^.]{{0,40}}\b(?:{_TEXT})",
    rf"\b(?:{_TEXT})[^.]{{0,30}}\b(?:{_CHANGE})",
    r"^(?:future )?(?:changes|updates|amendments|modifications?|revisions)(?: and (?:questions|changes|updates|"
    r"amendments|modifications))?$",
    r"^(?:modifications?|änderungen|mises? à jour|modificaciones|cambios|modifiche|wijzigingen)$",
    r"^(?:changes|updates) (?:to|of|in) (?:this|our|these|the)\b",
)
ABOUT_US = _any(
    r"\b(?:we|us|our|reserves? the right|may (?:be )?(?:chang|updat|amend|modif|revis)\w*|from time to time|nous|"
    r"se réserve|wir|nos reservamos|ci riserviamo)\b"
)
SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!\bNo\.)(?<!Inc\.)\s+(?=[\"“'(*A-ZÀ-ÝŠ\d-])|(?<=;)\s+(?=\()"
)
MATERIAL = _any(
    r"(?<!non-)(?<!non )(?<!im)\b(?:material(?:ly)?|significant(?:ly)?|substantial(?:ly)?|substantive(?:ly)?|"
    r"important|major|meaningful|relevant changes|"
    r"fundamental)\b(?! other)",
    r"\b(?:affect|impact|reduc|diminish)\w* (?:\w+ ){0,4}(?:rights|practices|information already)",
    r"\bsubstantiel\w*|significati\w+|\bimportante?s?\b|majeure?s?\b|essentiel\w*|sensiblement|"
    r"diminution de vos droits|impact sur vos droits|affecte",
    r"\bwesentlich\w*|erheblich\w*|\bsustancial\w*|significativ\w+|importantes\b|sostanzial\w*|rilevant\w*|"
    r"ingrijpend\w*|belangrijk\w*",
)
NOTIFY = _any(
    r"\bnotif(?:y|ies|ied|ying|ication|ications)\b|\binform(?:ed|ing|s)?\b(?=\s+(?:you|users?|customers?|members?|"
    r"the|each|all|our|about|by))",
    r"\blet you know\b|\b(?:give|giv(?:es|ing)|provid(?:e|es|ing)|send(?:ing)?|post(?:ing)?|plac(?:e|ing)|"
    r"display(?:ing)?|issue) (?:\w+,? ){0,8}(?:notices?|notification|announcement|message)",
    r"\bnotice (?:on|in|through|via|by|to you|prior|before)\b|\b(?:advance|reasonable|written|prior|"
    r"prominent) (?:written )?notice\b|days' notice",
    r"\bby e-?mail(?:ing)?\b|\bvia e-?mail\b|\b(?:will|may|also|and|or) e-?mail (?:you|the|our|all)|"
    r"\bsend(?:ing)? (?:you )?an? e-?mail|\bannounc\w+|\bemailing\b|\be-?mailed to\b",
    r"\bcommunicated to\b|\bindicate on our (?:web)?sites?\b|\btake (?:\w+ ){0,3}(?:steps|measures) to (?:notify|"
    r"inform)|\bmade aware\b|\balert you\b|\bdraw (?:\w+ ){0,3}attention",
    r"\binformer\w*|\binformant\b|\binformons\b|\benverr\w+ (?:\w+ ){0,2}un|\benvoyant\b|\bavertir\w*|\bnotifi\w+|"
    r"\bnotification|\bprévenir|\bporté\w* à (?:votre|la) connaissance|\bcommuniqu\w+ (?:à|aux|par)|"
    r"\bvous en inform\w*",
    r"\binformier\w*|\bbenachrichtig\w*|\bmitteil\w*|\bmitgeteilt|\bin kenntnis|\bhinweisen\b",
    r"\binformar\w*|\bnotificar\w*|\bavisar\w*|\bcomunicar\w*|\binformer(?:emo|à)\w*|\bcomunich\w*|\bavvis\w*|"
    r"\binformeren|op de hoogte|\bmelden\b",
)
CONTACT_US = _any(r"\bcontact us\b|\bto contact\b|\bquestions?\b|\breach us\b|nous contacter|kontaktieren sie|contáct")
ON_REQUEST = _any(
    r"\bupon request\b|\bon request\b|sur demande|without (?:\w+ ){0,4}notice|right to receive|waive|"
    r"no obligation to|not (?:be )?(?:obliged|required) to"
)
# What stands on the page anyway is no announcement.
PASSIVE = _any(
    r"^(?!.*\bwe (?:will|may|shall)\b).*\b(?:(?:is|was) (?:last revised|identified|indicated|made effective)|"
    r"can be found|history of|previous versions|latest (?:and current )?version\b.{0,200}\bavailable)\b",
    r"\bafter (?:such |the )?(?:notice|notification)|\bfollowing (?:such |the )?(?:notice|posting|notification)|"
    r"\bupon (?:such |the )?notice\b|suivant (?:la )?(?:réception|notification)|"
    r"received? (?:the |such )?notice|responsib\w+ (?:for|to)|encouraged? to|recommend|urge you",
)
OPTIONAL = _any(
    r"\b(?:may|might|can|could)\b(?! be)(?: \w+){0,3} (?:e-?mail|notify|inform|post|announce|send|provide|take|"
    r"decide|ask|update)|\bpeut\b|\bkann\b|\bpuede\b|\bpossiamo\b"
)
EFFORTS = _any(
    r"\b(?:reasonable|best|commercially reasonable) (?:\w+ )?efforts?\b|\bendeavou?r|\bstrive\b|\btry to\b|"
    r"s'efforcer\w*|nous efforcer\w*|bemüh\w*|esfor\w+"
)
OR = _any(
    r"\b(?:or|and/or|ou|et/ou|oder|und/oder|o|y/o|e/o|en/of)\b|\bsuch as\b|\bfor example\b|\bpar exemple\b|\bz\.\s?b\."
)
OTHER_MEANS = _any(
    r"\b(?:other|another|any other|additional) (?:\w+ ){0,3}(?:means|methods?|channels?|notices?|steps|measures|"
    r"ways?|manner|forms?)\b",
    r"\b(?:tout|tous|autres?) (?:\w+ ){0,2}moyens?\b|\bpar tout moyen\b|\bauf (?:andere|anderem|sonstige)\w* weg|"
    r"\botros medios\b|\baltri mezzi\b|\bandere manier",
    r"\b(?:as|where|when) (?:required|appropriate) by (?:applicable )?law\b.{0,20}\bnotice|"
    r"\btake (?:any )?(?:other )?additional steps",
)
# "by notifying you and posting": told by some way besides.
TELLS_AND = _any(
    r"\bnotif(?:y|ying) you\b(?![^.;]{0,60}\bby (?:means of )?\w+ing\b)[^.;]{0,120}\band post|"
    r"\bnotify you\b(?![^.;]{0,80}\bby \w+ing\b)[^.;]{0,80}\band (?:will )?(?:also )?(?:post|publish|updat)"
)
_OUR = (
    r"(?:our|the|this|these|its|your|any|each|all|such|"
    r"nos|notre|le|la|les|ce|cette|son|sa|unserer?|der|die|nuestro|nuestra|il|nostro)"
)
_PLACE = r"(?:web\s?sites?|sites?|homepage|home page|web ?pages?|platform|services?|pages?)"
_APP = (
    r"(?:services?|apps?|applications?|platform|products?|account|dashboard|message cent(?:er|re)|software|client|"
    r"interface|profile|game|portal|messages?)"
)
_POSTED = (
    r"(?:changes?|revisions?|updates?|modifications?|amendments?|amended|revised|updated|new|current|latest|"
    r"modified|polic\w+|terms|notice|statement|"
    r"version|agreement|conditions|it|them|those)"
)
# Name, pattern, whether it counts only in a sentence that notifies somebody.
CHANNELS: tuple[tuple[str, re.Pattern[str], bool], ...] = (
    (
        "post_page",
        _any(
            rf"\b(?:(?<!the )(?<!then-)(?<!time we )(?<!when we )(?<!once we )(?<!soon as we )post(?:ing|ed|s)?|"
            rf"publish(?:ing|ed)?|upload(?:ing|ed)?)\b(?! (?:a |an |the )?(?:\w+ )?(?:prominent|notices?\b|"
            rf"effective date|messages?|announcement))"
            rf"(?: (?:\w+|“[^”]*”),?){{0,4}}? {_POSTED}(?! effective)",
            r"\b(?:revised|updated|amended|new|current|latest|changes?|terms|polic\w+|"
            r"version)\b[^.;]{0,60}\b(?:will be|is|are|shall be|be|been) (?:\w+ )?(?:posted|published|"
            r"available)\b(?! (?:up)?on request)|\bafter posting on\b",
            rf"\bpost(?:ing)? updates\b|\bmak\w+ (?:\w+ ){{0,6}}available (?:on|at|through) {_OUR} {_PLACE}|"
            rf"\bupdating this (?:posting|page)\b|\bposting (?:of )?(?:the )?change",
            r"\bpubli(?:er|ant|ée?s?|eron[st]?|era|cation)\b[^.;]{0,40}\b(?:version|politique|conditions|"
            r"modification|page|site)|\b(?:version|conditions|cgu)\b[^.;]{0,60}\b(?:publiée?s?|à disposition|"
            r"en ligne|accessibles?)\b",
            r"\bveröffentlich\w*|\bpublic(?:ar|ando|aremos|ada)\b|\bpubblic(?:are|ando|ata|heremo)\b|\bplaatsen\b|"
            r"\bgepubliceerd\b",
        ),
        False,
    ),
    (
        "date_bump",
        _any(
            r"\b(?:updat\w+|revis\w+|chang\w+|refresh\w*|amend\w*|modify\w*|indicat\w+|not(?:e|ing)|post\w*|"
            r"identif\w+|includ\w+|with|by)\b[^.;]{0,60}(?:[\"“”'«]\s?(?:last|effective|date|"
            r"dernière)[^\"”'»]{0,30}[\"”'»]|"
            r"\b(?:effective|last updated|revision|last revised) date\b(?! of (?:the|any|such) (?:changes?|updated|"
            r"revised|new|amended))|\bdate\b(?! upon|"
            r" (?:on )?which| of (?:birth|publication|receipt)))",
            r"[\"“”']?\b(?:last updated|effective)[\"”']? date\b(?! of (?:the|any|such))"
            r"[^.;]{0,40}\b(?:updated|revised|changed|"
            r"at the (?:top|beginning|bottom))",
            r"\bdate\b[^.;]{0,60}\b(?:at|on|near|to) the (?:top|beginning|bottom|end|start|head)\b|"
            r"\bdate\b[^.;]{0,40}\b(?:identified|indicated|shown) at\b|\bindicated next to\b",
            r"\bdate\b[^.;]{0,60}\b(?:figurant en tête|en haut|en tête|au début|mise à jour de la)|"
            r"mettr\w+ (?:\w+ )?à jour la date",
            r"\bdatum\b[^.;]{0,50}\b(?:aktualisier|oben|anfang|beginn)|\bfecha\b[^.;]{0,40}\b(?:actualiz|"
            r"parte superior)|\bdata\b[^.;]{0,40}\b(?:aggiorn|in alto|inizio)",
        ),
        False,
    ),
    (
        "email",
        _any(
            r"\be-?mail(?:s|ed|ing)?\b(?! (?:address (?:current|up)|reminders))(?!ing us)",
            r"\bcourriels?\b|\bcourrier électronique\b|\bmail\b|\bvoie électronique\b|"
            r"\bnewsletters?\b(?=.{0,400}courriel)|correo electrónico|posta elettronica|\belectronic mail\b",
        ),
        True,
    ),
    (
        "site_notice",
        _any(
            r"\bprominent(?:ly)?\b(?! under)|\bconspicuous\w*|\bhome ?page\b|\bbanners?\b|\bannouncements?\b|"
            r"\bannounc(?:e|ing)\b",
            rf"\bnotices?\b (?:of (?:\w+ ){{0,4}})?(?:on|at) (?:{_OUR} )?(?:\w+ )?{_PLACE}|\b(?:display|"
            rf"post)\w*(?: or display)?(?: \w+){{0,2}} notices?\b(?! (?:in|to|through) )|"
            rf"\bindicate on our (?:web)?sites?\b|\bon (?:the|our) (?:web)?site (?:and|or) (?:by|via)\b",
            r"\bstatement to our site\b",
            r"\bbannière|\bbandeau|affich\w+[^.;]{0,30}\bsites?\b|mettant en évidence|page d'accueil|"
            r"\bavis\b[^.;]{0,20}\bsur (?:le|notre|nos) sites?|par le biais (?:de la|du) (?:plateforme|site)|"
            r"via (?:le|notre) site|auf (?:der|unserer) (?:web)?(?:site|seite)\b|en nuestro sitio|"
            r"sul (?:nostro )?sito|op (?:de|onze) website",
        ),
        True,
    ),
    (
        "in_app",
        _any(
            rf"\b(?:through|in|within|via|inside|into|directly (?:in|on|to)) {_OUR} (?:(?:[\w.]+ ){{0,1}}{_APP}|"
            rf"(?:[\w.]+ ){{0,4}}(?:apps?|applications?|account))\b(?! (?:is|are|owner|address))",
            r"\bin-?(?:app|service|product|game)\b|\bapp notifications?\b|\bpush\b|\bpop-?ups?\b|"
            r"\bmessage to your (?:\w+ )?account\b|\b(?:to|on|in|via) (?:your|his|their|"
            r"the user's) (?:[\w.]+ )?account\b|\bmessage cent(?:er|re)\b",
            r"\b(?:via|sur|dans|depuis) (?:l'|votre |son |le |la |notre )(?:\w+ )?(?:application|appli|compte|"
            r"service|interface|espace)|\bau sein d(?:u|e l'|e la|e votre) ?(?:service|appli\w*|compte|plateforme)|"
            r"\bfenêtre contextuelle|\bin der app\b|\bin ihrem konto\b|\ben (?:la aplicación|su cuenta)|"
            r"\bnell'app\b|\bin de app\b",
        ),
        True,
    ),
    ("blog", _any(r"\bblogs?\b"), False),
    (
        "changelog",
        _any(r"\bupdate notes?\b|\bchange ?logs?\b|\brelease notes\b|\bsummary of (?:the )?changes\b(?! .{0,20}below)"),
        False,
    ),
    (
        "public_history",
        _any(
            r"\bhistory of (?:the |all |our )?(?:changes|revisions|versions|edits)|\b(?:revision|version|"
            r"commit) history\b|\bversion control\b|\bchanges\b.{0,40}\bon github\b|historique des (?:versions|"
            r"modifications)"
        ),
        False,
    ),
    (
        "direct_contact",
        _any(
            r"\b(?:contact(?:ing)?|notify(?:ing)?) you directly\b|\bmoyens de contacts?\b|\bcontacter directement\b|"
            r"\bby (?:post|mail|telephone|phone|letter)\b|\bin writing\b|\bpar (?:courrier|"
            r"écrit)\b(?! électronique)|\bcontact information you (?:have )?provided\b"
        ),
        True,
    ),
)
IMPLICIT_POSTING = _any(
    r"\b(?:up)?on (?:the )?posting\b|\bwhen (?:we post|posted)\b|\bfollowing the posting\b|\b(?:check|review|visit|"
    r"consult|read)\w* (?:\w+ ){0,3}(?:page|site|website)\b",
    r"\bafter (?:they are |being )?posted\b|\bcheck these terms\b|\bposted on\b|"
    r"\bconsult\w+ (?:régulièrement )?(?:cette page|le site)|regelmäßig",
)
# "the date at the top of this page": the page shows the change, and its date says when.
DATE_OF_PAGE = _any(
    r"\b(?:top|bottom|beginning|start|head|end) of (?:this|the|our) (?:\w+ ){0,2}(?:page|web ?page)\b|"
    r"\bdate\b[^.;]{0,40}\bon (?:this|the) page\b",
    r"\b(?:haut|bas|tête) de (?:cette|la) page\b|\bdieser seite\b|\bde esta página\b|\bdi questa pagina\b|"
    r"\bvan deze pagina\b",
)
ADVANCE = _any(
    r"\b(?:prior to|before|in advance of|ahead of) (?:(?:the|such|any|these|those|their|it|they|said|"
    r"our) )?(?:\w+ ){0,4}?(?:chang\w*|tak(?:e|es|ing) effect|effect\w*|becom\w+|com(?:es?|ing) into|amendment\w*|"
    r"modification\w*|revis\w+|enter\w*|implement\w*|updat\w*|appl\w+)",
    r"\bnotice prior to\b|\b(?:advance|"
    r"prior) (?:written )?notice\b(?<!without prior notice)(?<!without any prior notice)(?<!without advance notice)|"
    r"\bin advance\b|\bdays'? (?:\(?\d*\)? )?(?:advance|prior|written|notice)|"
    r"\bopportunity to review\b.{0,40}\bbefore\b",
    r"\beffective (?:\w+ ){0,4}?(?:\(\d+\) )?(?:business |calendar )?(?:days?|weeks?|months?) (?:after|following|"
    r"from)|\b(?:days?|weeks?|months?) (?:after|following) (?:\w+ ){0,5}(?:post|notif|notice|publi)|"
    r"\bupon (?:at least )?\w+ (?:\(\d+\) )?days",
    r"\b(?:days?|weeks?|months?|jours?|semaines?|mois) (?:\w+ ){0,2}?(?:prior|before|avant|vor)\b|\bavant (?:leur|"
    r"l'|la|sa|toute|son) ?(?:prise|entrée|application|mise|date)|\bà l'avance\b|\bpréalable(?:ment)?\b(?! par)|"
    r"\ben temps utile\b|\bpréavis\b",
    r"\bvorab\b|\bim voraus\b|\brechtzeitig\b|\bvor (?:dem )?inkrafttreten|\bcon antelación\b|\bpreviamente\b|"
    r"\bcon preavviso\b|\bprima (?:dell'|della )|\bvooraf\b|\bvan tevoren\b",
)
AT_ONCE = _any(
    r"\beffective (?:immediately|upon|when|as soon as|at the time|on posting|as of the date (?:of|they|we|it)|"
    r"from the date of|on the date (?:of|they|we|it))|\b(?:take|takes) effect (?:immediately|upon|when|as soon)",
    r"\bimmediately (?:effective|upon|binding|after)|\bwithout (?:prior |any |further |advance |additional |"
    r"specific )*notice\b|\bwaive any right\b.{0,40}notice",
    r"\b(?:avec )?effet immédiat|\bsans préavis|\bdès (?:leur|sa) (?:publication|mise en ligne)|\bapplicables? dès|"
    r"\bmit sofortiger wirkung|\bohne vorherige|\bsin previo aviso|\bsenza preavviso|\bzonder voorafgaande",
)
# An exception left open: what is "otherwise specified" may be earlier. One bound to the notice itself is none.
UNLESS_OTHERWISE = _any(
    r"\b(?:unless|except (?:as|where)) (?:\w+ ){0,2}?(?:otherwise )?(?:specified|stated|noted|indicated|provided|"
    r"announced)\b(?: otherwise)?(?! (?:in|by|on) )",
    r"\bsauf (?:indication|mention|disposition|stipulation) contraire|\bsofern nicht anders|\bsalvo (?:indicación|"
    r"que se indique|diversa)|\btenzij anders",
)
NOT_PERIOD = _any(
    r"\bnotice is posted\b.{0,60}\bfor\b|\bposted\b.{0,40}\bfor (?:at least )?\w+ (?:\(\d+\) )?days\b|\binactiv|"
    r"\brefund|\bbreach\b|\bdelet|\bretain|\bbilling|\bpast \d+|\barbitrat"
)
_USE = r"(?:use|using|access(?:ing)?|usage|visit(?:ing)?|participat\w+)"
ACCEPTANCE = _any(
    rf"\bcontinu\w+ (?:\w+ ){{0,3}}?(?:to )?(?:\w+ ){{0,2}}?{_USE}\b|\bby {_USE}\b[^.;]{{0,120}}\b(?:after|following|"
    rf"chang|modif|revis|updat)|\b{_USE}\b[^.;]{{0,120}}\b(?:constitute|signif|deemed|mean|indicat|confirm|"
    rf"acknowledg|assume)\w*[^.;]{{0,60}}\b(?:accept|agree|acknowledg|consent|chang)",
    r"\bchoose to continue using\b|\bif you (?:access or )?use our [^.;]{0,80}after\b|\byou continued use\b",
    r"\b(?:poursui\w+|continu\w+)[^.;]{0,60}\b(?:utilis\w+|accéd\w+|naviguer|usage)|\butilisation continue\b|"
    r"\ben continuant\b|\bl'utilisation (?:du|des|de)[^.;]{0,80}\b(?:vaut|vaudra|constitue|"
    r"implique)[^.;]{0,40}accept",
    r"\bweiter(?:e|hin|en)? ?(?:nutz|verwend)\w*|\bfortgesetzte nutzung|\bcontinu\w+ (?:\w+ ){0,3}?(?:utiliz|"
    r"us)(?:ar|ando|o)\b|\buso continuado|\bcontinu\w+ (?:\w+ ){0,4}?(?:utilizz|us)\w+|\bblijven gebruiken|"
    r"\bvoortgezet gebruik",
)
LEAVING = _any(
    rf"\b(?:stop|cease|discontinue|refrain from) (?:\w+ ){{0,3}}?{_USE}\b|\b(?:do not|don't) (?:agree|"
    rf"accept)[^.;]{{0,80}}\b(?:do not|don't|not) (?:continue to )?use\b|\byou (?:should|must) deactivate\b",
    r"\bcess\w+ d'utiliser|\bne (?:plus|pas) utiliser|\bcesser (?:toute )?utilisation|\bnutzung (?:einzustellen|"
    r"beenden)|\bdejar de (?:usar|utilizar)|\bsmettere di|\bstoppen met",
)
EXPLICIT = _any(
    r"\b(?:ask|require|request|seek|obtain|prompt)\w* (?:\w+ ){0,4}?(?:to )?(?:\w+ ){0,2}?(?:consent|accept\w*|"
    r"acknowledg\w*|agree\w*|approval)[^.;]{0,40}",
    r"\b(?:require|requires|request) (?:new|your|user|explicit|express) (?:\w+ )?consent[^.;]{0,40}|"
    r"\bexplicit(?:ly)? (?:consent|accept|agree)\w*[^.;]{0,40}|\brequired by (?:applicable )?law[^.;]{0,60}consent",
    r"\b(?:demander\w*|recueill\w+|solliciter\w*|requ\w+)[^.;]{0,40}\b(?:consentement|acceptation|"
    r"accord)[^.;]{0,40}|\bihre (?:erneute )?(?:einwilligung|zustimmung)|\b(?:solicit|"
    r"ped)\w+[^.;]{0,30}consentimiento|\bchieder\w*[^.;]{0,30}consenso",
)
OBJECTION = _any(
    r"\bdo(?:es)? not (?:object|reject|cancel|terminate|unsubscribe|opt out)[^.;]{0,60}\b(?:within|before|by the|"
    r"prior)|\bà défaut (?:de|d')[^.;]{0,60}\b(?:désinscription|opposition|résiliation|refus|réponse)|"
    r"\ba défaut (?:de|d')[^.;]{0,60}\b(?:désinscription|opposition|résiliation|refus)",
    r"\b(?:widerspr\w+)[^.;]{0,80}\b(?:nicht|innerhalb|frist|gelten)|\bin (?:the )?absence of (?:an )?objection|"
    r"\bsilence\b[^.;]{0,60}\baccept|\bsi (?:no|usted no) (?:se opone|rechaza)",
)
# "When we make material changes, we will:" is a promise whose list is missing.
PROMISES_LIST = re.compile(
    r"\b(?:we will|we may|we shall|you by|ways|means|methods|following|nous (?:vous )?\w+|wir werden)\b[^:]{0,40}:$",
    re.IGNORECASE,
)
