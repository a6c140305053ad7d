"""The reason codes of a material change (REQUIREMENTS R-05): code and English label."""

DATA_CATEGORIES = "data-categories"
PURPOSES = "purposes"
CONTROLLER = "controller"
THIRD_PARTY_SHARING = "third-party-sharing"
THIRD_PARTY_CATEGORIES = "third-party-categories"
RIGHTS_EXERCISE = "rights-exercise"
RETENTION = "retention"
SECURITY = "security"
TRANSFER = "transfer"
CHILDREN = "children"
FEES = "fees"
DISPUTES = "disputes"
AI_TRAINING = "ai-training"
COOKIES = "cookies"
LEGAL_BASIS = "legal-basis"

# The first six are those of Colorado, 4 CCR 904-3, Rule 6.04.
REASONS: tuple[tuple[str, str], ...] = (
    (DATA_CATEGORIES, "Categories of personal data"),
    (PURPOSES, "Purposes of processing"),
    (CONTROLLER, "Identity of the controller or contracting party"),
    (THIRD_PARTY_SHARING, "Sharing of data with third parties"),
    (THIRD_PARTY_CATEGORIES, "Categories of third parties"),
    (RIGHTS_EXERCISE, "Rights and how to use them"),
    (RETENTION, "How long data is kept"),
    (SECURITY, "Security"),
    (TRANSFER, "Place of storage and international transfer"),
    (CHILDREN, "Age and children"),
    (FEES, "Prices, fees and refunds"),
    (DISPUTES, "Disputes, liability and governing law"),
    (AI_TRAINING, "Training of AI models"),
    (COOKIES, "Cookies and tracking"),
    (LEGAL_BASIS, "Legal basis and consent"),
)

# What a proposal says where no subject was found: what kind of word carries the force, or that nothing was found.
# Nobody records these.
UNCLEAR = "unclear"
AMOUNT = "amount"
FORCES: tuple[tuple[str, str], ...] = (
    ("negation", "Not, never, without: a denial came or went"),
    ("modal", "May, must or will: what somebody may or has to do"),
    ("quantifier", "All, some, only: how much or how many"),
    ("conjunction", "And, or, if: how conditions hang together"),
    ("party", "We, you, they: who is meant"),
    (AMOUNT, "A number or an amount"),
    (UNCLEAR, "No reason found: read it"),
)

# Why a difference changes no meaning.
OWN_DATE = "own-date"
SPELLING = "spelling"
WORDING = "wording"
DOUBLED = "doubled-word"
SMALL_WORDS = "small-words"
SIGNS = "signs"
RENAME = "rename"
CONTACT = "contact"
IDENTIFIER = "identifier"
NOTE = "note"
LOG = "log"
PAGE = "page"
HEADING = "heading"
ORDER = "order"
LINK = "link"
COUNTED = "counted"
TRANSLATION = "translation"
HARMLESS: tuple[tuple[str, str], ...] = (
    (OWN_DATE, "The text’s own date or version"),
    (SPELLING, "Spelling"),
    (WORDING, "The same in other words"),
    (DOUBLED, "A word that stood twice"),
    (SMALL_WORDS, "Articles and the like"),
    (SIGNS, "Punctuation"),
    (RENAME, "A name or a term put for another throughout"),
    (CONTACT, "An address or a contact"),
    (IDENTIFIER, "The number of a section, a register, a telephone"),
    (NOTE, "A pointer, or words about this change"),
    (LOG, "The history of versions"),
    (HEADING, "What a section is called"),
    (PAGE, "The page around the text"),
    (ORDER, "The same sentences or items in another place or order, or one that stood twice"),
    (TRANSLATION, "A passage in another language"),
    (LINK, "A link leads elsewhere"),
    (COUNTED, "A list is counted now"),
)

LABELS = dict((*REASONS, *FORCES, *HARMLESS))
