"""Words that tell what a clause is about, in the languages policies are mostly written in."""

import re

from policies.text.meaning import reasons

# The first that matches wins: the narrow before the broad.
_TOPICS: tuple[tuple[str, str], ...] = (
    (
        reasons.AI_TRAINING,
        (
            r"train\w* (?:\w+ ){0,4}(?:models?|ai\b|algorithms?)|machine learning|artificial intelligence|"
            r"\bai (?:models?|features?|"
            r"systems?)|\bki\b|intelligence artificielle|inteligencia artificial|generative"
        ),
    ),
    (
        reasons.CHILDREN,
        (
            r"\bchild(?:ren)?\b|\bminors?\b|\bage of\b|years? (?:old|of age)|\bunder (?:the age|1\d)|parental|"
            r"guardian|\bmineurs?\b|"
            r"\benfants?\b|minderjährig|\bkinder\b|jahre alt|menores|minori\b|años de edad|ans révolus"
        ),
    ),
    (
        reasons.COOKIES,
        (
            r"\bcookies?\b|\btracking\b|\btrackers?\b|\bpixels?\b|web beacons?|local ?storage|analytics|fingerprint|"
            r"traceurs?|statistiques"
        ),
    ),
    (
        reasons.RETENTION,
        (
            r"\bretain|retention|\bkept\b|\bkeep (?!in mind)|\bstored? for|"
            r"\bdelet|\beras|\bpurge|inactive|"
            r"conserv|durée|supprim|effac|gelöscht|löschen|speicherdauer|aufbewahr|gespeichert|eliminad|"
            r"conservación|cancellat|bewaar"
        ),
    ),
    (
        reasons.FEES,
        (
            r"\bfees?\b|\bpric|\bpay(?:s|ing|ment|ments|able|out|outs)?\b|\brefund|\bcharg|\bbilling|\bsubscription|"
            r"\binvoice|[$€£]|\btax(?:es)?\b|"
            r"\bprix\b|tarif|paiement|rembours|\bfrais\b|livraison|retract|rétract|retour|commande|delivery|"
            r"shipping|returns?\b|"
            r"\bpreis|zahlung|erstatt|gebühr|kosten|widerruf|precio|\bpago|reembols|prezz|pagament|rimbors|betal|prijs"
        ),
    ),
    (
        reasons.DISPUTES,
        (
            r"arbitrat|jurisdiction|governing law|\bcourts?\b|dispute|lawsuit|class action|\bliab|indemnif|"
            r"warrant(?:y|ies)|disclaim|venue|"
            r"tribuna|litige|droit applicable|responsabilité|gericht|haftung|streit|jurisdicción|responsabilidad|"
            r"foro|sanction"
        ),
    ),
    (
        reasons.TRANSFER,
        (
            r"transfer\w* (?:\w+ ){0,6}(?:outside|abroad|countr|states|international)|\beea\b|third countr|"
            r"standard contractual clauses|privacy shield|"
            r"data privacy framework|international(?:ly)? transfer|hosted in|located in|servers in|hors (?:de l|ue)|"
            r"pays tiers|drittland|drittländer|"
            r"clauses contractuelles|transferencia|trasferiment"
        ),
    ),
    (
        reasons.LEGAL_BASIS,
        (
            r"legal bas[ie]s|lawful bas[ie]s|legitimate interest|\bconsent|base légale|intérêts? légitimes?|"
            r"consentement|rechtsgrundlage|"
            r"berechtigte|einwilligung|consentimiento|base legal|base jurídica|consenso|toestemming"
        ),
    ),
    (
        reasons.SECURITY,
        (
            r"\bsecur|\bencrypt|\bbreach|\bvulnerab|safeguard|sécurit|chiffr|sicherheit|verschlüss|seguridad|cifrad|"
            r"sicurezza|beveilig"
        ),
    ),
    (
        reasons.CONTROLLER,
        (
            r"(?:data )?controllers?\b|contracting (?:party|entity)|responsable (?:du|de) traitement|"
            r"verantwortlicher?\b|vertragspartner|"
            r"responsable del tratamiento|titolare del trattamento|verwerkingsverantwoordelijke|successor|assigns?\b"
        ),
    ),
    (
        reasons.THIRD_PARTY_CATEGORIES,
        (
            r"third[- ]part(?:y|ies)|categories of (?:recipients|third)|(?:sub-?)?processors?|\bpartners?\b|"
            r"affiliates?|"
            r"\btiers\b|partenaires|"
            r"sous-traitants?|\bdritte\w*|auftragsverarbeiter|\bterceros|encargados|\bterzi\b|\bderden\b|vendors?|"
            r"advertisers?"
        ),
    ),
    (
        reasons.THIRD_PARTY_SHARING,
        (
            r"\bshar(?:e|es|ed|ing)\b|\bdisclos|\brecipients?|\bsell\b|\bsold\b|\bsale of|"
            r"\bprovide (?:\w+ )?(?:data|information) to|authorit(?:y|ies)|"
            r"law enforcement|partag|destinataires?|communiqu|transmi|autorités|weitergeb|weitergegeb|empfänger|"
            r"übermitt|behörd|compart|"
            r"destinatari|comunic|ceder"
        ),
    ),
    (
        reasons.RIGHTS_EXERCISE,
        (
            r"\brights?\b|\bopt(?:ing)?[- ]?(?:out|in)|\bunsubscrib|\bobject to|\bexercise|\byour choices|"
            r"\brequests?\b|\bdroits?\b|désabonn|s'opposer|"
            r"\brechte?\b|widersprech|abmelden|derechos?|oponer|diritt[oi]|recht\b|appeal|recours|may not\b|must\b|"
            r"prohibit|not permitted|"
            r"license|licence|suspend|terminat"
        ),
    ),
    (
        reasons.PURPOSES,
        (
            r"\bpurposes?\b|in order to|\bwe use\b|\bused (?:to|for)|\bmarketing|\badvertis|personali[sz]|"
            r"finalités?|\bbut de|publicit|\bzweck|"
            r"\bwerbung|finalidad|\bfines\b|finalità|scopo|doeleinden|profil"
        ),
    ),
    (
        reasons.DATA_CATEGORIES,
        (
            r"\bcollect|\binformation\b|\bdata\b|e-?mail address|ip address|\bidentifiers?|\bdevice|\blocation|"
            r"données|renseignements|"
            r"\bdaten\b|\berfass|datos|\bdati\b|gegevens|údaj|osobn|личн|данн"
        ),
    ),
)
# No word has more than forty letters: nobody looks for the end of one to the end of a text.
_PATTERNS = tuple((code, re.compile(pattern.replace(r"\w*", r"\w{0,40}"), re.IGNORECASE)) for code, pattern in _TOPICS)


def code_of(text: str, heading: str = "") -> str:
    """Return the reason code of a clause by its own words, then by its heading; "" where neither tells."""
    for words in (text, heading):
        for code, pattern in _PATTERNS:
            if words and pattern.search(words):
                return code
    return ""


def is_about_data(text: str) -> bool:
    """True for words on a subject of a policy at all."""
    return any(pattern.search(text) for _, pattern in _PATTERNS)
