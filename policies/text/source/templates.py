"""Template languages around a text (Jinja, Liquid, Simplates, kramdown): their words stay, their tags go."""

import re

from policies.text.source import told
from policies.text.source.told import Told

# A Simplate: pages of code parted by lines of "[---]", the last one is the text.
_SIMPLATE = re.compile(r"^\[---\].*$", re.MULTILINE)
_SIMPLATE_TITLE = re.compile(r"^title\s{0,9}=\s{0,9}_?\(?\s{0,9}([\"'])(.+?)\1", re.MULTILINE)
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
_WRITTEN = re.compile(
    rf"\s{{0,99}}(?:(\w+)\s{{0,9}}=\s{{0,9}})?(?:_\(\s{{0,9}})?({_STRING.pattern})\s{{0,9}}\)?\s{{0,9}}(?:\|\s{{0,9}}\w+\s{{0,9}})?"
)
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_TAG = re.compile(r"\{%(?:(?!\{%).)*?%\}|\{\{(?:(?!\{\{).)*?\}\}|\{#\s(?:(?!\{#).)*?#\}", re.DOTALL)
# kramdown and other attribute lists: {: #id .class key="value" }, {#id}, {:.class}; Pandoc's {.class}.
_ATTRIBUTES = re.compile(r"(?<![ \t])[ \t]*\{(?::[^{}\n]*|#[\w.:-][^{}\n]*|\.[\w-][^{}\n]*)\}")

_QUOTED_VALUE = re.compile(r"\s{0,9}(?:\"([^\"]*)\"|'([^']*)')\s{0,9}")
_INCLUDING = {"include", "include_relative", "include-file", "readfile", "partial", "import", "snippet", "render"}
_STATEMENTS = {
    *(
        "if",
        "else",
        "end",
        "range",
        "with",
        "define",
        "block",
        "for",
        "endif",
        "endfor",
        "set",
        "assign",
        "page",
        "toc",
    ),
    *("#if", "/if", "#each", "/each", "#unless", "/unless", "super()", "block.super", "csrf_input"),
}
# Inside of a link's target or of an attribute nobody reads a name.
_IN_A_TAG = re.compile(r"(?:\]\(|=[\"']|://|=)[^\s\"'()<>]*$|<[a-zA-Z][^<>]*$")
_LONGEST_TARGET = 300


def without_templates(source: str) -> tuple[str, str, list[Told]]:
    """
    Return the text without template tags and attribute lists, the title a Simplate gives it (or ""), and what to tell.

    A value that is not in the file leaves its name in brackets: nobody reads "we keep it for  days".
    """
    title = ""
    notes: list[Told] = []
    if _SIMPLATE.search(source):
        found = _SIMPLATE_TITLE.search(source)
        title = found[2] if found else ""
        source = text_of_simplate(source)
    if "{" in source:
        source = _TRANSLATED.sub(_translated, source)
        source = _without_tags(source, notes)
        source = _ATTRIBUTES.sub("", source)
    return source, title, notes


def text_of_simplate(source: str) -> str:
    """Return the last of the pages of a Simplate, which is the text; the source where it is none."""
    parts = _SIMPLATE.split(source)
    return _LINE_STATEMENT.sub("", parts[-1]) if len(parts) > 1 else source


def _without_tags(source: str, notes: list[Told]) -> str:
    paired = set(re.findall(r"\{\{[<%]\s{0,9}/\s{0,9}([\w.-]{1,60})", source))
    parts: list[str] = []
    at = 0
    for tag in _TAG.finditer(source):
        parts.append(source[at : tag.start()])
        at = tag.end()
        written, note = _written_for(tag[0], paired)
        if written.startswith("[") and _IN_A_TAG.search(source[max(0, tag.start() - _LONGEST_TARGET) : tag.start()]):
            continue
        parts.append(written)
        if note:
            notes.append(note)
    return "".join([*parts, source[at:]])


def _written_for(tag: str, paired: set[str]) -> tuple[str, Told | None]:
    """What stands for a tag: the words in it, the name of a value in brackets, or nothing."""
    if tag.startswith("{#"):
        return "", told.comment(tag[2:-2])
    is_value = tag.startswith("{{") and not tag.startswith(("{{<", "{{%"))
    inside = tag.strip("{}%<> -")
    name, _blank, rest = inside.partition(" ")
    if not is_value and name in {"trans", "translate", "t"} and (found := _STRING.search(rest)):
        return found[1] or found[2] or "", None
    if name in _INCLUDING or (tag.startswith("{{") and inside.startswith(("> ", "template "))):
        message = f"The template brings in another file here, {told.quote(inside)}. Its words are not in this one."
        return "", Told(told.VALUE_MISSING, message, tag)
    if tag.startswith("{%") or name.startswith("/") or name in paired or name in _STATEMENTS:
        return "", None
    value = _QUOTED_VALUE.fullmatch(inside)
    if value:
        return value[1] or value[2] or "", None
    called = re.findall(r"[\w.-]{1,60}", rest if name in {"param", "var", "get"} else inside.partition("|")[0])
    shown = called[-1].strip(".") if called else "value"
    return f"[{shown}]", told.value_missing(shown, tag)


def _translated(call: re.Match[str]) -> str:
    """Return the words inside ``{{ _("...") }}``; a place for a value holds what is written for it, or nothing."""
    strings = _STRINGS.match(call[1])
    if not strings:
        return ""
    joined = "".join(double or single for double, single in _STRING.findall(strings[1]))
    values = _values(call[1][strings.end() :])
    return _PLACEHOLDER.sub(lambda place: values.get(place[1], f"{{{{{place[1] or 'value'}}}}}"), _unescaped(joined))


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
