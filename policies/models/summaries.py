"""The four answers that sum a change up for its readers, in one language."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from policies import language_names
from policies.text.words import language_tags

MAX_ANSWER_LENGTH = 2000
ANSWERS = ("what_changed", "why", "impact", "what_you_can_do")


class Answers(models.Model):
    """What a row with the four answers has: a version in its authors' language, a translation in its own."""

    what_changed = models.TextField(gettext_lazy("what changed"), blank=True, max_length=MAX_ANSWER_LENGTH)
    why = models.TextField(gettext_lazy("why"), blank=True, max_length=MAX_ANSWER_LENGTH)
    impact = models.TextField(gettext_lazy("what it means for you"), blank=True, max_length=MAX_ANSWER_LENGTH)
    what_you_can_do = models.TextField(gettext_lazy("what you can do"), blank=True, max_length=MAX_ANSWER_LENGTH)

    class Meta:
        abstract = True

    @property
    def answers(self) -> dict[str, str]:
        """All four by their names, empty ones too."""
        return {name: getattr(self, name) for name in ANSWERS}

    @property
    def answered(self) -> tuple[str, ...]:
        """The names of those that were given."""
        return tuple(name for name, words in self.answers.items() if words.strip())


@dataclass(frozen=True)
class Summary:
    """The four answers as a reader gets them, and the language they are in: the reader's, or else the authors'."""

    language: str
    what_changed: str
    why: str
    impact: str
    what_you_can_do: str

    @property
    def titled(self) -> tuple[tuple[str, str], ...]:
        """The answers that were given, each under its question, in the language of the moment."""
        asked = (
            (_("What changed"), self.what_changed),
            (_("Why"), self.why),
            (_("What it means for you"), self.impact),
            (_("What you can do"), self.what_you_can_do),
        )
        return tuple((title, words) for title, words in asked if words.strip())

    @property
    def note(self) -> str:
        """A line that says so where the answers are not in the language of the moment."""
        if not self.titled or language_tags.are_one(self.language, get_language() or ""):
            return ""
        return words_note(self.language)


def words_note(language: str) -> str:
    """Say in the language of the moment which other one the editors' words are quoted in."""
    name = language_names.name_of(language)
    return _("The editors' own words are in %(language)s:") % {"language": name}
