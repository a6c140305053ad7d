"""
Tags of languages, such as `pt-BR`: well-formed ones in their usual writing, and what is read where one is not there.

Well-formed is what RFC 5646 (BCP 47), 2.1, says. Whether a subtag is registered is not asked: registries grow, and a
tag that nobody speaks only falls back.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

# RFC 5646, 4.4.1: as long as a tag can be without extensions, and what others keep of one.
LONGEST = 35
_TAG = re.compile(
    r"""
    (?P<language> [a-z]{2,3} (?: -[a-z]{3} ){0,3} | [a-z]{4} | [a-z]{5,8} )
    (?: - (?P<script> [a-z]{4} ) )?
    (?: - (?P<region> [a-z]{2} | [0-9]{3} ) )?
    (?P<variants> (?: - (?: [a-z0-9]{5,8} | [0-9][a-z0-9]{3} ) )* )
    (?P<extensions> (?: - [0-9a-wyz] (?: -[a-z0-9]{2,8} )+ )* )
    (?: - x (?: -[a-z0-9]{1,8} )+ )?
    """,
    re.VERBOSE | re.ASCII,
)
_SINGLETON = re.compile(r"-([0-9a-wyz])(?=-)", re.ASCII)


@dataclass(frozen=True)
class Parts:
    """The subtags of a tag, each as it is written; `rest` is what follows them, such as a variant."""

    language: str
    script: str = ""
    region: str = ""
    rest: str = ""

    @classmethod
    def of(cls, tag: str) -> "Parts":
        found = _TAG.fullmatch(tag.lower())
        if found is None:
            return cls(tag)
        end = max(found.end("language"), found.end("script"), found.end("region"))
        script, region = (found["script"] or "").title(), (found["region"] or "").upper()
        return cls(found["language"], script, region, tag[end + 1 :])


def canonical(told: str) -> str:
    """
    A tag as it is written: `DE-at` is `de-AT`, `zh-hans-cn` is `zh-Hans-CN` (RFC 5646, 2.1.1).

    :raises ValueError: if it is not well-formed, or longer than LONGEST
    """
    small = told.lower()
    found = _TAG.fullmatch(small)
    if found is None or len(told) > LONGEST:
        raise ValueError(f"{told[: LONGEST + 5]!r} is no tag of a language.")
    variants = found["variants"].split("-")[1:]
    singletons = _SINGLETON.findall(found["extensions"])
    if len(set(variants)) < len(variants) or len(set(singletons)) < len(singletons):
        raise ValueError(f"{told!r} has a subtag twice.")
    parts = Parts.of(small)
    return "-".join(filter(None, (parts.language, parts.script, parts.region, parts.rest)))


def fallbacks(tag: str) -> Iterator[str]:
    """The tag, and what it falls back to, subtag by subtag from its end (RFC 4647, 3.4): de-Latn-AT, de-Latn, de."""
    parts = tag.split("-")
    while parts:
        yield "-".join(parts)
        parts.pop()
        if len(parts) > 1 and len(parts[-1]) == 1:  # a singleton introduces what was just taken away
            parts.pop()


def nearest(tag: str, there: Collection[str]) -> str | None:
    """Of what is there, the one that a reader of `tag` gets; capitals make no difference. None: the default."""
    written = {each.lower(): each for each in there}
    return next((written[each] for each in fallbacks(tag.lower()) if each in written), None)


def are_one(one: str, other: str) -> bool:
    """Whether both are the same language, however it is spoken or written: de and de-AT."""
    return one.partition("-")[0].lower() == other.partition("-")[0].lower()
