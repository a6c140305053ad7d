"""Template languages around a text (Jinja, Liquid, Simplates, kramdown): their words stay, their tags go."""

import re

# A Simplate: pages of code parted by lines of "[---]", the last one is the text.
_SIMPLATE = re.compile(r"^\[---\].*$", re.MULTILINE)
_SIMPLATE_TITLE = re.compile(r"^title\s*=\s*_?\(?\s*([\"'])(.+?)\1", re.MULTILINE)
# Jinja's line statements, as Simplates have them.
_LINE_STATEMENT = re.compile(r"^%+ .*$", re.MULTILINE)
_TRANSLATED = re.compile(r"\{\{-?\s*_\((.*?)\)\s*(?:\|\s*\w+\s*)?-?\}\}", re.DOTALL)
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'")
# A string goes on while only blanks part it from the next one; a comma ends the text and starts its arguments.
_STRINGS = re.compile(rf"\s*((?:(?:{_STRING.pattern})\s*)+)", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{\w*\}")
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#\s.*?#\}", re.DOTALL)
# kramdown and other attribute lists: {: #id .class key="value" }, {#id}, {:.class}; Pandoc's {.class}.
_ATTRIBUTES = re.compile(r"[ \t]*\{(?::[^{}\n]*|#[\w.:-]+[^{}\n]*|\.[\w-]+[^{}\n]*)\}")


def without_templates(source: str) -> tuple[str, str]:
    """Return the text without template tags and attribute lists, and the title a Simplate gives it (or "")."""
    title = ""
    parts = _SIMPLATE.split(source)
    if len(parts) > 1:
        found = _SIMPLATE_TITLE.search(source)
        title = found[2] if found else ""
        source = _LINE_STATEMENT.sub("", parts[-1])
    if "{" in source:
        source = _TRANSLATED.sub(_translated, source)
        source = _TAG.sub("", source)
        source = _ATTRIBUTES.sub("", source)
    return source, title


def _translated(call: re.Match[str]) -> str:
    """Return the words inside ``{{ _("...") }}``, without the places for values."""
    strings = _STRINGS.match(call[1])
    if not strings:
        return ""
    joined = "".join(double or single for double, single in _STRING.findall(strings[1]))
    return _PLACEHOLDER.sub("", re.sub(r"\\(.)", r"\1", joined))
