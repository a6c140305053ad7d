"""MDX: Markdown with components of a program between its words; their words stay, the program goes."""

import re

from policies.text.source import markdown_marks, told
from policies.text.source.told import Told

_PROGRAM = re.compile(r"^(?:import|export)\s[^\n]*(?:\n(?![ \t]*\n)[^\n]*)*", re.MULTILINE)
_SIGN = re.compile(r"^import\s[^\n]{1,300}\sfrom\s['\"]|^export\s+(?:const|default|function)\s", re.MULTILINE)
_COMMENT = re.compile(r"\{/\*((?:(?!\{/\*).){0,8000}?)\*/\}", re.DOTALL)
_COMPONENT = re.compile(r"<(/?)([A-Z][\w.]*)(?![\w.])((?:[^<>{}\"']|\"[^\"<>]*\"|'[^'<>]*'|\{[^{}<>]*\})*?)(/?)>")
_CAPTION = re.compile(r"\b(?:title|label|summary|heading)\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)')")
_VALUE = re.compile(r"\b(?:address|e?mail|value|text|date|name|children)\s{0,9}=\s{0,9}(?:\"([^\"]+)\"|'([^']+)')")
_EXPRESSION = re.compile(r"(?<![\\{$])\{([^{}\n]{1,200})\}")
_WRITTEN = re.compile(r"\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|`([^`$]*)`|(-?\d+(?:\.\d+)?))\s{0,9}")
_ATTRIBUTES = re.compile(r"^\s*(?:[:#.]|/\*)")


def is_mdx(text: str, filename: str) -> bool:
    return filename.lower().endswith(".mdx") or bool(_SIGN.search(text) and _COMPONENT.search(text))


def without_program(text: str) -> str:
    """Return the text without its imports and exports."""
    return _PROGRAM.sub("", text)


def to_markdown(text: str) -> tuple[str, list[Told]]:
    """Return the Markdown in what is left of it, and what to tell: values and components whose words are elsewhere."""
    notes: list[Told] = []

    def comment(found: re.Match[str]) -> str:
        notes.append(told.comment(found[1]))
        return ""

    def component(found: re.Match[str]) -> str:
        caption = _CAPTION.search(found[3])
        if found[4] and not caption:
            if value := _VALUE.search(found[3]):
                return value[1] or value[2]
            notes.append(told.value_missing(found[2], found[0]))
            return f"[{found[2]}]"
        return f"\n\n**{caption[1] or caption[2]}**\n\n" if caption and not found[1] else ""

    def expression(found: re.Match[str]) -> str:
        if _ATTRIBUTES.match(found[1]):
            return found[0]
        if written := _WRITTEN.fullmatch(found[1]):
            return next((group for group in written.groups() if group is not None), "")
        name = found[1].strip()
        notes.append(told.value_missing(name, found[0]))
        return f"[{name}]"

    text = _COMMENT.sub(comment, text)
    text = _COMPONENT.sub(component, text)
    # In code braces are braces: the address `docs.example/{owner}`.
    return markdown_marks.outside_code(text, lambda part: _EXPRESSION.sub(expression, part)), notes
