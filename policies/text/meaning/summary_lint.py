"""What an editor should look at in the short answers about a change, and where a translation says something else."""

import re

from policies.text.meaning import lint
from policies.text.meaning.lint import Finding
from policies.text.meaning.numbers import quantities

# An answer is no document: it has no lists to lose and speaks of the text's sections, not of its own.
_CHECKED = {lint.UNCLEAR_DATE, lint.PLACEHOLDER_DATE, lint.AT_ANY_TIME}
_THOUSANDS = re.compile(r"(?<=\d)[ ,.](?=\d{3}(?!\d))")


def check(answer: str, *, language: str = "") -> tuple[Finding, ...]:
    """Return the findings about dates and about promises in one answer."""
    return tuple(finding for finding in lint.lint(answer, language=language) if finding.code in _CHECKED)


def figures(answer: str) -> tuple[str, ...]:
    """
    Return the figures of an answer, each once and sorted: numerals, dates as YYYY-MM-DD, and periods written in words.

    They are the same in every language: “7 days instead of 14” and “sieben statt 14 Tage” both give 14 and 7.
    """
    found = {figure for number in quantities.find(answer) for figure in _values(number)}
    return tuple(sorted(found))


def _values(number: quantities.Number) -> tuple[str, ...]:
    if number.kind == quantities.DATE:
        return (number.value,)
    period = quantities.period(number)
    if period:
        return (str(period[0]),)
    numerals = re.findall(r"\d+(?:[.,]\d+)?", _THOUSANDS.sub("", number.text))
    return tuple(numeral.replace(",", ".") for numeral in numerals)
