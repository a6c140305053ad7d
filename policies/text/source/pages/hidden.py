"""What a page hides by its styles. It is kept, for what a click opens is hidden too, and told."""

import re
from collections.abc import Iterator
from typing import Any

from policies.text.source import told
from policies.text.source.told import Told

_HIDING = re.compile(r"(?:^|;)\s{0,9}(?:display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}hidden)\b", re.IGNORECASE)
_RULE = re.compile(r"([^{};]{1,300})\{([^{}]{0,3000})\}")
_NAME = re.compile(r"[.#][\w-]{1,80}")
_MOST_TOLD = 3


def names(root: Any) -> frozenset[str]:
    """Classes and ids, such as `.panel`, that the page's own styles hide on a screen."""
    styles = (element.text or "" for element in root.iter("style"))
    rules = (rule for style in styles for rule in _RULE.finditer(_for_all_screens(style)))
    selectors = (each.strip() for rule in rules if _HIDING.search(rule[2]) for each in rule[1].split(","))
    return frozenset(each for each in selectors if _NAME.fullmatch(each))


def _for_all_screens(style: str) -> str:
    """Styles without those for paper or for small screens, which stand between braces of their own."""
    kept: list[str] = []
    depth, is_apart = 0, False
    for part in re.split(r"([{}])", style):
        if part == "{":
            depth += 1
        elif part == "}":
            depth = max(0, depth - 1)
        elif not depth:
            is_apart = part.strip().startswith("@") and ";" not in part
        if not is_apart:
            kept.append(part)
    return "".join(kept)


def tell(body: Any, hiding: frozenset[str]) -> Iterator[Told]:
    """What is hidden in the text, each stretch once."""
    stretches: list[str] = []
    seen: Any = None
    for element in body.iter("*"):
        if seen is not None and any(parent is seen for parent in element.iterancestors()):
            continue
        words = " ".join(" ".join(element.itertext()).split()) if _is_hidden(element, hiding) else ""
        if words:
            stretches.append(words)
            seen = element
    for words in stretches[:_MOST_TOLD]:
        yield told.hidden(words)


def _is_hidden(element: Any, hiding: frozenset[str]) -> bool:
    if element.get("hidden") is not None or _HIDING.search(element.get("style") or ""):
        return True
    own = {f".{name}" for name in (element.get("class") or "").split()} | {f"#{element.get('id')}"}
    return not hiding.isdisjoint(own)
