"""Template languages around a text (Jinja, Liquid, Simplates, kramdown): their words stay, their tags go."""

import re

# A Simplate: pages of code parted by lines of "[---]", the last one is the text.
_SIMPLATE = re.compile(r"^\[---\].*$", re.MULTILINE)
_SIMPLATE_TITLE = re.compile(r"^title\s*=\s*_?\(?\s*([\"'])(.+?)\1", re.MULTILINE)
# Jinja's line statements, as Simplates have them.
_LINE_STATEMENT = re.compile(r"^%+ .*$", re.MULTILINE)
# No tag reaches past the next one that opens: thousands of them left open would be searched to the end each.
_TRANSLATED = re.compile(r"\{\{-?\s*_\(((?:(?!\{\{).)*?)\)\s*(?:\|\s*\w+\s*)?-?\}\}", re.DOTALL)
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'")
# A string goes on while only blanks part it from the next one; a comma ends the text and starts its arguments.
_STRINGS = re.compile(rf"\s*((?:(?:{_STRING.pattern})\s*)+)", re.DOTALL)
# An argument after the text: its name if it has one, and its words where they are written there.
_NESTED = rf"(?:[^\"'()]|{_STRING.pattern})*"
_ARGUMENT = re.compile(rf",((?:[^,\"'()]|{_STRING.pattern}|\({_NESTED}\))*)")
_WRITTEN = re.compile(rf"\s*(?:(\w+)\s*=\s*)?(?:_\(\s*)?({_STRING.pattern})\s*\)?\s*(?:\|\s*\w+\s*)?")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_TAG = re.compile(r"\{%(?:(?!\{%).)*?%\}|\{\{(?:(?!\{\{).)*?\}\}|\{#\s(?:(?!\{#).)*?#\}", re.DOTALL)
# kramdown and other attribute lists: {: #id .class key="value" }, {#id}, {:.class}; Pandoc's {.class}.
_ATTRIBUTES = re.compile(r"(?<![ \t])[ \t]*\{(?::[^{}\n]*|#[\w.:-][^{}\n]*|\.[\w-]+[^{}\n]*)\}")


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
    """Return the words inside ``{{ _("...") }}``; a place for a value holds what is written for it, or nothing."""
    strings = _STRINGS.match(call[1])
    if not strings:
        return ""
    joined = "".join(double or single for double, single in _STRING.findall(strings[1]))
    values = _values(call[1][strings.end() :])
    return _PLACEHOLDER.sub(lambda place: values.get(place[1], ""), _unescaped(joined))


def _values(arguments: str) -> dict[str, str]:
    """Return the strings among the arguments of a translation by their names, or by their places ("0", "1")."""
    values = {}
    for place, argument in enumerate(_ARGUMENT.findall(arguments)):
        written = _WRITTEN.fullmatch(argument[0])
        if written:
            values[written[1] or str(place)] = _unescaped(written[2][1:-1])
    return values


def _unescaped(string: str) -> str:
    return re.sub(r"\\(.)", r"\1", string)
