"""What an importer tells of its work: words it left out, choices it made, what only the author can settle."""

from dataclasses import dataclass

WORDS_LEFT_OUT, NUMBERS_DIFFER, VALUE_MISSING = "words-left-out", "numbers-differ", "value-missing"
COMMENT_LEFT_OUT, TRACKED_CHANGE, STRUCK_THROUGH = "comment-left-out", "tracked-change", "struck-through"
ENCODING_GUESSED, CONTROLS_REMOVED, HIDDEN = "encoding-guessed", "controls-removed", "hidden-on-the-page"
# What somebody has to see before the source is put away.
LOSSES = frozenset(
    {
        *(WORDS_LEFT_OUT, NUMBERS_DIFFER, VALUE_MISSING, COMMENT_LEFT_OUT, TRACKED_CHANGE, STRUCK_THROUGH),
        *(ENCODING_GUESSED, CONTROLS_REMOVED, HIDDEN),
    }
)

_LONGEST_QUOTE = 160


@dataclass(frozen=True)
class Told:
    """Something to tell: its code, the sentence, and the words of the source that it is about (for its line)."""

    code: str
    message: str
    words: str = ""


def quote(words: str) -> str:
    """The words in quotation marks, on one line, and not all of many."""
    line = " ".join(words.split())
    if len(line) > _LONGEST_QUOTE:
        line = f"{line[: _LONGEST_QUOTE - 40].rstrip()} … {line[-38:].lstrip()}"
    return f"“{line}”"


def comment(words: str) -> Told:
    return Told(
        COMMENT_LEFT_OUT, f"A comment was left out: {quote(words.strip().rstrip('.'))}. Readers never see it.", words
    )


def inserted(words: str) -> Told:
    message = f"{quote(words)} is marked as inserted. It was kept: accept or reject the change in the source."
    return Told(TRACKED_CHANGE, message, words)


def deleted(words: str) -> Told:
    message = f"{quote(words)} is marked as deleted. It was left out: accept or reject the change in the source."
    return Told(TRACKED_CHANGE, message, words)


def struck(words: str) -> Told:
    message = f"{quote(words)} is struck through, and readers will see it so. Delete it if it no longer holds."
    return Told(STRUCK_THROUGH, message, words)


def value_missing(name: str, words: str) -> Told:
    message = f"The template fills in “{name}” here, and the file does not say what. Type it in place of [{name}]."
    return Told(VALUE_MISSING, message, words)


def hidden(words: str) -> Told:
    message = f"The page hides {quote(words)}, perhaps until a click. It was kept: remove it if nobody is to read it."
    return Told(HIDDEN, message, words)
