"""A source of any format to Markdown: front matter parted, marks of templates and dialects read, pages taken apart."""

import re
import tomllib
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from policies.text.source import dialects, markdown_marks, mdx, plaintext, templates
from policies.text.source.pages import webpages
from policies.text.source.told import Told

_YAML = re.compile(r"\A\s*---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_TOML = re.compile(r"\A\s*\+\+\+[ \t]*\n(.*?)\n\+\+\+[ \t]*(?:\n|$)", re.DOTALL)
_NAME = re.compile(r"[\w-]+")
_PAGE = re.compile(r"<!doctype html|<html\b|<body\b", re.IGNORECASE)
_PAGE_ENDINGS = (".html", ".htm", ".xhtml")
_BLOCK_TAG = re.compile(r"<(?:p|div|h[1-6]|ul|ol|li|section|table)\b", re.IGNORECASE)
_MARKDOWN_HEADING = re.compile(r"^#{1,6}\s+\S|^\S.*\n(?:=|-){3,}\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Converted:
    """
    A source turned into Markdown, with what its format told on the way.

    ``original`` is what its words are counted in: the source without front matter and without a program around it.
    """

    markdown: str
    original: str = ""
    is_page: bool = False
    title: str = ""
    language: str = ""
    is_unsafe: bool = False
    has_typed_title: bool = False
    front_matter: dict[str, Any] = field(default_factory=dict)
    told: tuple[Told, ...] = ()


def convert(text: str, filename: str) -> Converted:
    """Return a source as Markdown; the content decides, the name's ending helps."""
    front_matter, body = _split_front_matter(text)
    title = front_matter.get("title")
    converted = _convert(body, filename.lower(), title if isinstance(title, str) else "")
    return replace(converted, front_matter=front_matter)


def _split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Part YAML or TOML front matter from the text; a rule of hyphens at the start is none."""
    if found := _TOML.match(text):
        try:
            return tomllib.loads(found[1]), text[found.end() :]
        except tomllib.TOMLDecodeError:
            return _pairs(found[1], "="), text[found.end() :]
    found = _YAML.match(text)
    if not found:
        return {}, text
    try:
        values = yaml.safe_load(found[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        values = _pairs(found[1], ":")
    if values is None or isinstance(values, dict):
        return dict(values or {}), text[found.end() :]
    return {}, text


def _pairs(lines: str, sign: str) -> dict[str, str]:
    """Names and values of front matter that is written wrong, line by line."""
    parted = (line.partition(sign) for line in lines.split("\n"))
    return {name.strip(): value.strip() for name, found, value in parted if found and _NAME.fullmatch(name.strip())}


def _convert(body: str, filename: str, title: str) -> Converted:
    is_unsafe = dialects.is_unsafe(body)
    body, notes = markdown_marks.before_templates(body)
    original = templates.text_of_simplate(body)
    if is_mdx := mdx.is_mdx(body, filename):
        original = mdx.without_program(body)
        body, told_by_mdx = mdx.to_markdown(original)
        notes.extend(told_by_mdx)
    body, simplate_title, told_by_templates = templates.without_templates(body)
    notes.extend(told_by_templates)
    heading = f"# {simplate_title}\n\n" if simplate_title else ""
    if not is_mdx and (_is_page(body, filename) or (simplate_title and _BLOCK_TAG.search(body))):
        page = webpages.from_page(body)
        return Converted(
            heading + page.markdown,
            original,
            is_page=True,
            title=title or page.title,
            language=page.language,
            is_unsafe=is_unsafe or bool(page.unsafe),
            told=(*notes, *page.told),
        )
    if plaintext.is_plain(body):
        written, typed = plaintext.to_markdown(body)
        return Converted(written, original, title=title or typed, has_typed_title=bool(typed), told=tuple(notes))
    written, told_by_dialect = dialects.to_markdown(body)
    return Converted(heading + written, original, title=title, is_unsafe=is_unsafe, told=(*notes, *told_by_dialect))


def _is_page(body: str, filename: str) -> bool:
    """True for a web page or a piece of one; Markdown with a table in HTML is Markdown."""
    if _PAGE.search(body[:4000]) or filename.endswith(_PAGE_ENDINGS):
        return True
    return len(_BLOCK_TAG.findall(body)) >= 3 and not _MARKDOWN_HEADING.search(body) and body.lstrip().startswith("<")
