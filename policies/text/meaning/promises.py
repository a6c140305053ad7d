"""
The promise a text makes about its own future changes, read sentence by sentence.

What the text does not say stays unspecified; a list of channels that was lost stays unknown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from policies.text.bounded import bounded
from policies.text.meaning.numbers import quantities
from policies.text.structure import blocks, markdown
from policies.text.structure.blocks import Block
from policies.text.words.promise_words import (
    ABOUT_US,
    ACCEPTANCE,
    ADVANCE,
    AT_ONCE,
    CHANGE,
    CHANNELS,
    CONTACT_US,
    DATE_OF_PAGE,
    EFFORTS,
    EXPLICIT,
    IMPLICIT_POSTING,
    LEAVING,
    MATERIAL,
    NOT_PERIOD,
    NOTIFY,
    OBJECTION,
    ON_REQUEST,
    OPTIONAL,
    OR,
    OTHER_MEANS,
    PASSIVE,
    PROMISES_LIST,
    SENTENCE_END,
    TELLS_AND,
    THIS_TEXT,
    TITLE,
    UNLESS_OTHERWISE,
)

# Between two passages of a quote that do not stand one after the other.
GAP = "…"


@dataclass(frozen=True)
class NoticePeriod:
    """A period before a change takes effect; ``unit`` is day, week, month or year."""

    n: int
    unit: str


@dataclass(frozen=True)
class Tier:
    """What is promised for changes of one weight, in the text's own word for it ("all", "material", "significant")."""

    name: str
    channels: tuple[str, ...]
    channels_logic: str
    strength: str
    quote: str


@dataclass(frozen=True)
class FoundPromise:
    """
    A reading of a "changes to this policy" clause.

    ``channels``: post_page, date_bump, site_notice, in_app, email, push, blog, changelog, public_history,
    direct_contact, any_other; ``channels_logic``: any, all, none; ``applies_to``: all, material, mixed;
    ``prior_notice``: yes, no, unspecified; ``acceptance``: none, continued_use, continued_use_or_explicit,
    explicit_may_be_required, explicit_where_required, objection_window, choice_opt_out; ``strength``: will, may,
    efforts, none; ``effective``: when_posted, stated_date, unspecified. ``quote`` and ``anchor`` say where it
    stands; ``channels_known`` is false where the list that named them is missing.
    """

    channels: tuple[str, ...] = ()
    channels_logic: str = "none"
    applies_to: str = "all"
    prior_notice: str = "unspecified"
    notice_period: NoticePeriod | None = None
    acceptance: str = "none"
    strength: str = "none"
    effective: str = "unspecified"
    quote: str = ""
    anchor: str = ""
    channels_known: bool = True
    tiers: tuple[Tier, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Clause:
    """Where a text speaks about its own changes."""

    text: str
    heading: str
    anchor: str
    line: int


@dataclass(frozen=True)
class _Sentence:
    """
    A sentence of the clause with the channels it names; an item of a list is one with the words that lead to it.

    ``passages`` are its words as they stand in the clause, one after the other.
    """

    text: str
    passages: tuple[str, ...]
    channels: tuple[str, ...]
    notifies: bool
    is_material: bool
    is_optional: bool


# Finding


def is_about_changes(text: str) -> bool:
    """True for words about changes to this very text."""
    return bool(CHANGE.search(text) and THIS_TEXT.search(text))


def find_clause(canonical: str) -> Clause | None:
    """Return the clause about changes to this text: the section headed so, else the paragraphs that speak of it."""
    sections = blocks.sections(blocks.read(canonical))
    taken: dict[str, int] = {}
    best: tuple[int, Clause] | None = None
    for section in sections:
        anchor = markdown.unique(f"s-{markdown.slug(section.heading.text)}", taken) if section.heading else ""
        headed = bool(section.heading and TITLE.search(section.title))
        for group in _groups(section.blocks, headed=headed):
            text = "\n\n".join(_words(block) for block in group)
            weight = _weight(text) + 3 * headed
            if weight > 2 and (best is None or weight > best[0]):
                best = (weight, Clause(text, section.title, anchor, group[0].line))
    return best[1] if best else None


@bounded
def find(canonical: str) -> FoundPromise | None:
    """Read the promise out of the change clause of a text, where it has one."""
    clause = find_clause(canonical)
    return read_promise(clause.text, anchor=clause.anchor) if clause else None


def _words(block: Block) -> str:
    return ("- " if block.kind == "item" else "") + block.text


def _groups(found: Sequence[Block], *, headed: bool) -> list[list[Block]]:
    """Return the whole section where its heading says so, else runs of blocks that speak of changes."""
    if headed:
        return [list(found)] if found else []
    groups: list[list[Block]] = []
    is_open = False
    for block in found:
        opens = is_about_changes(block.text) and bool(ABOUT_US.search(block.text))
        follows = is_open and bool(ACCEPTANCE.search(block.text) or (block.kind == "item") or NOTIFY.search(block.text))
        if opens and not is_open:
            groups.append([block])
        elif (opens or follows) and groups:
            groups[-1].append(block)
        is_open = opens or follows
    return groups


def _weight(text: str) -> int:
    """Weigh how much a passage promises: channels, acceptance, the words of change."""
    promise = read_promise(text)
    weight = 2 * bool(is_about_changes(text)) + len(promise.channels) + (promise.acceptance != "none")
    return weight + 2 * (not promise.channels_known)


# Reading


def read_promise(text: str, *, anchor: str = "") -> FoundPromise:
    """Read the promise out of a clause; ``anchor`` is where the clause stands."""
    sentences = [_sentence(passages) for passages in _parts(text)]
    body = " ".join(s.text for s in sentences)
    named = [s for s in sentences if s.channels]
    told_by = tuple(dict.fromkeys(channel for s in named for channel in s.channels))
    channels = ("post_page", *told_by) if _implies_posting(told_by, sentences) else told_by
    is_lost = _is_lost(text)
    return FoundPromise(
        channels=channels,
        channels_logic=_logic(named, channels),
        applies_to=_applies_to(named or [s for s in sentences if PROMISES_LIST.search(s.text)]),
        prior_notice=_prior_notice(sentences, told_by),
        notice_period=_period(sentences),
        acceptance=_acceptance(body),
        strength=_strength(named, sentences),
        effective="when_posted" if AT_ONCE.search(body) else "unspecified",
        quote=_quote(named, sentences),
        anchor=anchor,
        channels_known=not is_lost,
        tiers=_tiers(named, sentences),
    )


def stands_in(quote: str, canonical: str) -> bool:
    """Whether each passage of a quote, "…" being between two, stands in a text: its words, without any mark-up."""
    there = (_bare(canonical), _bare(" ".join(_plain(block.text) for block in blocks.read(canonical))))
    passages = [bare for passage in re.split(GAP, quote) if (bare := _bare(passage)).strip()]
    return bool(passages) and all(any(passage in text for text in there) for passage in passages)


def _bare(text: str) -> str:
    """A text as its bare words: quoting may drop emphasis, bullets and line breaks."""
    return f" {' '.join(''.join(one if one.isalnum() else ' ' for one in text).casefold().split())} "


def _parts(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the sentences of a clause without mark-up; an item is read with the words that lead to its list."""
    lead = ""
    paragraphs = [_plain(part) for part in re.split(r"\n\s*\n|\n(?=\s*[-*•]\s)", text)]
    for words, following in zip(paragraphs, [*paragraphs[1:], ""], strict=True):
        item = _ITEM.match(words)
        if item and lead:
            yield lead, words[item.end() :]
            continue
        sentences = [part.strip() for part in SENTENCE_END.split(words) if part.strip()]
        lead = sentences[-1] if words.endswith(":") and _ITEM.match(following) else ""
        yield from ((sentence,) for sentence in (sentences[:-1] if lead else sentences))


_ITEM = re.compile(r"[-•*]\s+")


def _plain(text: str) -> str:
    """Return the words of a paragraph without its mark-up."""
    text = re.sub(r"!?\[([^\[\]]*)\]\([^)\[]*\)", r"\1", text)
    text = re.sub(r"<[^<>]*>|(?<!\S)\*(?=\S)|(?<=\S)\*+|\*\*|[_`]+|\\(?=[^\w\s])|\{:[^{}]*\}", "", text)
    lines = [re.sub(r"^\s*#{1,6}\s(.*)$", lambda found: f"{found[1].strip()}.", line) for line in text.split("\n")]
    text = re.sub(r"(?<!\s)\s+-{4,}\s*", ". ", "\n".join(lines))
    return re.sub(r"\s+", " ", text.replace("’", "'")).strip()


def _sentence(passages: tuple[str, ...]) -> _Sentence:
    text = " ".join(passages)
    notifies = bool(NOTIFY.search(text))
    asks_us = CONTACT_US.search(text) and not re.search(
        r"notif|inform|let you|announc|send|provid|avert", text, re.IGNORECASE
    )
    notifies = notifies and not asks_us
    channels = [] if asks_us else _channels(text, notifies=notifies)
    if not channels and notifies and not ON_REQUEST.search(text) and not PASSIVE.search(text):
        channels = ["any_other"]
    return _Sentence(
        text, passages, tuple(channels), notifies, bool(MATERIAL.search(text)), bool(OPTIONAL.search(text))
    )


def _channels(text: str, *, notifies: bool) -> list[str]:
    found = [
        name for name, pattern, needs_notice in CHANNELS if (notifies or not needs_notice) and pattern.search(text)
    ]
    if (notifies or found) and OTHER_MEANS.search(text):
        found.append("any_other")
    if notifies and found and set(found) <= {"post_page", "date_bump"} and TELLS_AND.search(text):
        found.append("any_other")
    return found


def _implies_posting(told_by: Sequence[str], sentences: Sequence[_Sentence]) -> bool:
    """True where nothing tells of a change but the page itself: one is to look there, or at the date there."""
    if {"email", "site_notice", "in_app", "post_page", "direct_contact", "blog", "any_other"} & set(told_by):
        return False
    return any(
        IMPLICIT_POSTING.search(s.text) or ("date_bump" in s.channels and DATE_OF_PAGE.search(s.text))
        for s in sentences
    )


def _logic(named: Sequence[_Sentence], channels: Sequence[str]) -> str:
    if not channels:
        return "none"
    if len(channels) == 1:
        return "all"
    joined = any(OR.search(s.text) for s in named if len(s.channels) > 1)
    extra = any(s.is_optional and {"email", "in_app", "site_notice"} & set(s.channels) for s in named)
    return "any" if joined or extra else "all"


def _applies_to(named: Sequence[_Sentence]) -> str:
    """Return to which changes the announcements apply; what stands on the page anyway does not count."""
    telling = [s for s in named if s.notifies or not (PASSIVE.search(s.text) or set(s.channels) == {"public_history"})]
    material = [s for s in telling if s.is_material]
    if not material:
        return "all"
    return "mixed" if len(material) < len(telling) else "material"


def _prior_notice(sentences: Sequence[_Sentence], told_by: Sequence[str]) -> str:
    """Return whether people hear of a change before it; a date that changes with the text comes with it, not before."""
    if any(ADVANCE.search(s.text) for s in sentences):
        return "yes"
    is_at_once = any(
        AT_ONCE.search(s.text) and CHANGE.search(s.text) and not UNLESS_OTHERWISE.search(s.text) for s in sentences
    )
    return "no" if is_at_once or tuple(told_by) == ("date_bump",) else "unspecified"


def _period(sentences: Sequence[_Sentence]) -> NoticePeriod | None:
    """Return the shortest period between the notice and the effect, or in which people may leave."""
    periods = []
    for sentence in sentences:
        if NOT_PERIOD.search(sentence.text):
            continue
        for number in quantities.find(sentence.text):
            period = quantities.period(number)
            if period:
                periods.append(period)
    if not periods:
        return None
    shortest = min(periods, key=lambda period: period[0] * {"day": 1, "week": 7, "month": 30, "year": 365}[period[1]])
    return NoticePeriod(*shortest)


def _acceptance(body: str) -> str:
    if OBJECTION.search(body):
        return "objection_window"
    continued = bool(ACCEPTANCE.search(body) or LEAVING.search(body))
    explicit = EXPLICIT.search(body)
    if continued:
        return "continued_use_or_explicit" if explicit else "continued_use"
    if not explicit:
        return "none"
    where_required = re.search(r"requir|necess|law|new (?:user )?consent|exig|erforderlich", explicit[0], re.IGNORECASE)
    return "explicit_where_required" if where_required else "explicit_may_be_required"


def _strength(named: Sequence[_Sentence], sentences: Sequence[_Sentence]) -> str:
    if any(EFFORTS.search(s.text) for s in sentences if s.notifies):
        return "efforts"
    if not named:
        return "none"
    return "may" if all(s.is_optional for s in named) else "will"


def _quote(named: Sequence[_Sentence], sentences: Sequence[_Sentence]) -> str:
    chosen = named or [s for s in sentences if is_about_changes(s.text)] or sentences[:1]
    return _as_it_stands(chosen, sentences, most=800)


def _as_it_stands(chosen: Sequence[_Sentence], sentences: Sequence[_Sentence], *, most: int) -> str:
    """Some of the sentences as a quote: what stands between two of them is left out, and said to be."""
    wanted = {passage for sentence in chosen for passage in sentence.passages}
    quote, follows = "", False
    for passage in dict.fromkeys(passage for sentence in sentences for passage in sentence.passages):
        if passage in wanted:
            longer = f"{quote}{' ' if follows or not quote else f' {GAP} '}{passage}".strip()
            if len(longer) > most:
                return quote or longer[:most].rpartition(" ")[0]
            quote = longer
        follows = passage in wanted
    return quote


def _tiers(named: Sequence[_Sentence], sentences: Sequence[_Sentence]) -> tuple[Tier, ...]:
    """Return a tier a weight of change, in the text's own words."""
    tiers: dict[str, list[_Sentence]] = {}
    for sentence in named:
        weight = MATERIAL.search(sentence.text)
        name = weight[0].casefold().split()[0] if weight else "all"
        tiers.setdefault(name, []).append(sentence)
    return tuple(
        Tier(
            name,
            channels := tuple(dict.fromkeys(channel for s in found for channel in s.channels)),
            _logic(found, channels),
            _strength(found, found),
            _as_it_stands(found, sentences, most=500),
        )
        for name, found in tiers.items()
    )


def _is_lost(text: str) -> bool:
    """True where "we will:" stands before nothing: the list of channels is gone."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return any(
        line.endswith(":") and PROMISES_LIST.search(line) and not re.match(r"[-*•\d(]", following)
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
    )
