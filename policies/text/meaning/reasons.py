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

LABELS = dict(REASONS)
