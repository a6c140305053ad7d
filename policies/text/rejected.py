"""Why a text is not taken."""


class TextRejected(ValueError):
    """A source that cannot become a policy text; the message says what, where and what to do."""
