"""Marks of Markdown's many dialects, written as the renderer knows them: their words stay, and say what they are."""

import re
from collections.abc import Callable, Iterator
from html import unescape

from policies.text.source import told
from policies.text.source.pages import page_marks
from policies.text.source.told import Told

_CODE = re.compile(r"^(?P<fence>```|~~~)[^\n]*\n.*?^(?P=fence)[^\n]*$|(?<!`)`[^`\n]+`(?!`)", re.MULTILINE | re.DOTALL)
_CONTENTS = re.compile(
    r"^[ \t]*(?:\[TOC\]|\[\[_?TOC_?\]\]|\$\{toc\}|\{\{[ \t]*toc[ \t]*\}\}|"
    r"[*+-][ \t]+[^\n{}]{1,40}\n[ \t]*\{:toc[^{}\n]*\})[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_ADMONITION = re.compile(r"^(?:!!!|\?\?\?\+?)[ \t]+([\w-]+)(?:[ \t]+[\w-]+)*[ \t]*(?:\"([^\"\n]*)\"[ \t]*)?$")
_ALERT = re.compile(r"^(>[ \t]*)\[!(\w+)\][+-]?[ \t]*(.*)$")
_CONTAINER = re.compile(r"^[ \t]*:{3,}[ \t]*(?:\{[^{}\n]*\}|[\w-]*)[ \t]*(?:\[([^\]\n]*)\]|([^\n]*))$")
_CRITIC = re.compile(
    r"\{\+\+((?:(?!\{\+\+).){0,4000}?)\+\+\}|\{--((?:(?!\{--).){0,4000}?)--\}"
    r"|\{~~((?:(?!\{~~).){0,4000}?)~>((?:(?!\{~~).){0,4000}?)~~\}"
    r"|\{>>((?:(?!\{>>).){0,4000}?)<<\}|\{==((?:(?!\{==).){0,4000}?)==\}",
    re.DOTALL,
)
_TRACKED = re.compile(r"<(ins|del)\b[^<>]*>((?:(?!<(?:ins|del)\b).){0,8000}?)</\1\s{0,9}>", re.DOTALL | re.IGNORECASE)
_STRUCK = re.compile(r"~~(?=\S)((?:(?!~~).){1,2000})~~", re.DOTALL)
_RAISED = re.compile(r"(.{0,3})<(sup|sub)\b[^<>]*>((?:(?!<su[pb]\b).){0,200}?)</\2\s{0,9}>", re.DOTALL | re.IGNORECASE)
_PANDOC_RAISED = re.compile(r"(?<=[^\W_])(?:\^(\d{1,3})\^|(?<!~)~(\d{1,3})~(?!~))")
_MARKED = re.compile(r"(?<![=\w])==(?=[^\s=])([^=\n]{1,500})(?<=\S)==(?![=\w])")
# "**Note:**this": what closes between a sign and a letter does not close.
_NOT_CLOSED = re.compile(r"(?<![\w*\\])(\*{1,2})(?=[^\s*])([^*\n]{0,500}[\w)])([^\w\s*\\]{1,3})\1(?=[^\W_])")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_TASK = re.compile(r"^([ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\[([ xX])\](?=[ \t])", re.MULTILINE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MARKUP = set("\\`*_{}[]<>()#+-.!|~&=:\"'^$@/")
_NOTE = re.compile(r"^\[\^([^\]\s]+)\]:", re.MULTILINE)
_NOTE_USED = re.compile(r"\[\^([^\[\]\s]{1,200})\](?!:)")
_MEANING = re.compile(r"^ {0,3}:[ \t]+(?=\S)")
_NO_TERM = re.compile(r"^[ \t]*(?:$|[#>|:]|[-*+][ \t]|\d+[.)][ \t]|```|~~~)")
_LIST_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_INDENTED = re.compile(r"^(?: {4,}|[ ]{0,3}\t)")
_INDENT = re.compile(r"^(?: {4}|[ ]{0,3}\t)")
_LOOKS_LIKE_CODE = re.compile(r"[{};=$<>\\]|^\W*$|://|\|")
# What stands between the brackets of a mark: "(EU)" is none.
SIGN = r"(?:[a-zA-Z]|aa|bb|cc|dd|[ivxIVX]{1,6}|\d{1,2})"
# A mark that somebody typed at the start of a line: "(a)", "iv)", "B.", "3.2.1", "§ 4", "（一）", "第一条", "一、".
_TYPED = re.compile(
    rf"^[ \t]*(?:(?P<round>\({SIGN}\)|（[^（）\n]{{1,4}}）)|(?P<half>{SIGN}\))|(?P<letter>[a-zA-Z]\.)"
    r"|(?P<number>\d{1,2}(?:\.\d{1,2}){1,5}\.?)|(?P<sign>§{1,2}[ \t]?\d{1,4}[a-z]?)"
    r"|(?P<han>第[一二三四五六七八九十百0-9]{1,5}[条條章节])|(?P<comma>[一二三四五六七八九十]{1,3}、))[ \t]*(?=\S)"
)
_ALREADY_BROKEN = re.compile(r"(?:\\|<br\s{0,5}/?>|  )$")
_NOT_WORDS = re.compile(r"^[ \t]*(?:[#>|]|```|~~~|[=-]{3,}[ \t]*$)")


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Change a text but for its code."""
    parts: list[str] = []
    at = 0
    for code in _CODE.finditer(text):
        parts.extend((change(text[at : code.start()]), code[0]))
        at = code.end()
    return "".join([*parts, change(text[at:])])


def before_templates(text: str) -> tuple[str, list[Told]]:
    """Read the marks whose braces a template would have, too: contents lists, changes and remarks of CriticMarkup."""
    notes: list[Told] = []
    text = _CONTENTS.sub("", text)
    if "{" in text:
        text = outside_code(text, lambda part: _CRITIC.sub(lambda found: _critic(found, notes), part))
    return text, notes


def _critic(found: re.Match[str], notes: list[Told]) -> str:
    inserted, deleted, old, new, comment, marked = found.groups()
    if comment is not None:
        notes.append(told.comment(comment))
        return ""
    if marked is not None:
        return marked
    if deleted or old:
        notes.append(told.deleted(deleted or old))
    if inserted or new:
        notes.append(told.inserted(inserted or new))
    return inserted or new or ""


def tracked(text: str) -> tuple[str, list[Told]]:
    """Let what is marked as deleted go, and tell of all that is marked."""
    notes: list[Told] = []

    def settle(found: re.Match[str]) -> str:
        is_deleted = found[1].lower() == "del"
        if found[2].strip():
            notes.append(told.deleted(found[2]) if is_deleted else told.inserted(found[2]))
        return "" if is_deleted else found[2]

    text = outside_code(text, lambda part: _TRACKED.sub(settle, part)) if "<" in text else text
    notes.extend(told.struck(found[1]) for found in _STRUCK.finditer(text))
    return text, notes


def raised(text: str) -> str:
    """Write superscripts and subscripts with signs of their own: "30¹ days" and "CO₂"."""
    if "<" in text:
        text = _RAISED.sub(_raise, text)
    return _PANDOC_RAISED.sub(
        lambda found: page_marks.superscript(found[1], "") if found[1] else page_marks.subscript(found[2]), text
    )


def _raise(found: re.Match[str]) -> str:
    before, name, inside = found.groups()
    if re.search(r"[<\[*_]", inside):
        return f"{before}{inside}"
    words = page_marks.superscript(inside, before) if name.lower() == "sup" else page_marks.subscript(inside)
    return before + words.replace("[", "\\[").replace("]", "\\]")


def decoded(text: str) -> str:
    """Write character references as the characters, where those mean nothing to Markdown."""
    return outside_code(text, lambda part: _ENTITY.sub(_character, part)) if "&" in text else text


def _character(entity: re.Match[str]) -> str:
    character = unescape(entity[0])
    if character == entity[0] or set(character) & _MARKUP:
        return entity[0]
    return " " if character in "\n\r\t\f" and character else character


def to_common(text: str) -> str:
    """Write admonitions, containers, tasks, definitions, typed marks and notes as common Markdown has them."""
    text = outside_code(text, lambda part: _MARKED.sub(r"\1", raised(part)))
    text = _TASK.sub(lambda found: f"{found[1]}{'☐' if found[2] == ' ' else '☑'}", text)
    text = _kept_notes(text)
    lines = text.split("\n")
    for step in (_admonitions, _definitions, _unindented):
        lines = list(step(lines))
    return finished("\n".join(lines))


def finished(text: str) -> str:
    """Write as it is read again: lines begin with typed marks, emphasis closes, one blank line stands for many."""
    return outside_code(text, lambda part: _BLANK_LINES.sub("\n\n", _broken_before_marks(_closed(part))))


def spaced(text: str) -> str:
    """Let one blank line stand for many, but in code."""
    return outside_code(text, lambda part: _BLANK_LINES.sub("\n\n", part))


def _closed(text: str) -> str:
    """Let emphasis end before its last sign where a word follows: CommonMark would show the asterisks."""
    return _NOT_CLOSED.sub(r"\1\2\1\3", text)


def _admonitions(lines: list[str]) -> Iterator[str]:
    inside = False
    blanks = 0
    for line in lines:
        if inside and not line.strip():
            blanks += 1
            continue
        if inside and _INDENTED.match(line):
            yield from [">"] * blanks
            yield "> " + _INDENT.sub("", line, count=1)
            blanks = 0
            continue
        yield from [""] * blanks
        blanks = 0
        if inside:
            inside = False
            yield ""
        if found := _ADMONITION.match(line):
            inside = True
            yield ""
            title = found[1].capitalize() if found[2] is None else found[2]
            if title:
                yield f"> **{title}**"
                yield ">"
        elif alert := _ALERT.match(line):
            yield f"{alert[1]}**{alert[3] or alert[2].capitalize()}**"
            yield ">"
        elif container := _CONTAINER.match(line):
            title = (container[1] or container[2] or "").strip()
            yield f"\n**{title}**\n" if title else ""
        else:
            yield line


def _definitions(lines: list[str]) -> Iterator[str]:
    """A term and its meanings after colons become an item: the term in bold, its meanings below it."""
    at = 0
    is_start = True
    while at < len(lines):
        term, meaning = lines[at], _meaning_after(lines, at)
        if not is_start or not meaning or _NO_TERM.match(term) or _INDENTED.match(term):
            is_start = not term.strip()
            yield term
            at += 1
            continue
        yield f"- {term.strip() if '**' in term else f'**{term.strip()}**'}\\"
        end = _end_of_meanings(lines, meaning)
        for k in range(meaning, end):
            found = _MEANING.match(lines[k])
            words = lines[k][found.end() :] if found else lines[k].strip()
            if found and k > meaning:
                yield ""
            yield f"  {words}" if words else ""
        at = end
        is_start = True


def _meaning_after(lines: list[str], at: int) -> int:
    """Where the meaning of a term begins: on the next line, perhaps after a blank one; 0 for nowhere."""
    for k in (at + 1, at + 2):
        if k < len(lines) and _MEANING.match(lines[k]):
            return k
        if k < len(lines) and lines[k].strip():
            return 0
    return 0


def _end_of_meanings(lines: list[str], at: int) -> int:
    end = at
    while at < len(lines):
        if _MEANING.match(lines[at]) or (_INDENTED.match(lines[at]) and lines[at].strip()):
            end = at + 1
        elif lines[at].strip() or at > end + 1:
            break
        at += 1
    return end


def _unindented(lines: list[str]) -> Iterator[str]:
    """Prose that somebody moved to the right is prose: four blanks would make it a program."""
    before = ""
    is_after_blank, is_moving = True, False
    for line in lines:
        if not line.strip():
            is_after_blank = True
            yield line
            continue
        if _INDENTED.match(line):
            starts = is_after_blank and not _LIST_ITEM.match(before) and not _INDENTED.match(before)
            is_prose = len(re.findall(r"[^\W\d_]{2,}", line)) >= 3 and not _LOOKS_LIKE_CODE.search(line)
            is_moving = is_prose and not _LIST_ITEM.match(line) and (starts or is_moving)
            if is_moving:
                is_after_blank = False
                yield line.strip()
                continue
        else:
            is_moving = False
        is_after_blank, before = False, line if not (_INDENTED.match(line) and _LIST_ITEM.match(before)) else before
        yield line


def _broken_before_marks(text: str) -> str:
    """Let lines that begin with typed marks stay lines, where a paragraph has at least two marks of a kind."""
    return "\n\n".join(_broken(paragraph) for paragraph in text.split("\n\n"))


def _broken(paragraph: str) -> str:
    lines = paragraph.split("\n")
    kinds = [(found.lastgroup if (found := _TYPED.match(line)) else "") or "" for line in lines]
    if sum(map(bool, kinds)) < 2:
        return paragraph
    for k in range(1, len(lines)):
        before = lines[k - 1]
        if not kinds[k] or kinds.count(kinds[k]) < 2 or not before.strip():
            continue
        if not _ALREADY_BROKEN.search(before) and not _NOT_WORDS.match(before):
            lines[k - 1] = before + "\\"
    return "\n".join(lines)


def _kept_notes(text: str) -> str:
    """A footnote that nothing refers to is a paragraph: the renderer would leave it out."""
    used = set(_NOTE_USED.findall(text))
    return _NOTE.sub(lambda found: found[0] if found[1] in used else f"\n\\[{found[1]}\\]:", text)
