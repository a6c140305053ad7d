"""
Read the demo's texts: a folder a policy, with `policy.yaml` and a Markdown file for each version: `2.md`, `2.de.md`
(a translation, which may begin with its answers), `draft.md`.

Days count from the day of loading, so that what is upcoming always is: `published: -6` is six days ago.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from policies.authoring import TextInput, TierReading
from policies.models import ANSWERS
from policies.text.meaning import promises

TEXTS = Path(__file__).parent / "texts"
PUBLISHED_AT_TIME = time(10, 30)
DECISIONS = (
    "tier",
    "reasons",
    "written_reason",
    "lowering_reason",
    *ANSWERS,
    "acceptance",
)
_FILE = re.compile(r"---\n(?P<meta>.*?)\n---\n+(?P<body>.*)", re.DOTALL)


@dataclass(frozen=True)
class Reading:
    """One reading of a promise, as `record_promise` takes it."""

    tiers: tuple[TierReading, ...]
    options: Mapping[str, Any]

    def for_text(self, body: str) -> dict[str, Any]:
        """Return the reading with its tiers anchored to the clause of this text."""
        clause = promises.find_clause(body)
        anchor = clause.anchor if clause else ""
        tiers = [TierReading(**{**vars(tier), "anchor": anchor}) for tier in self.tiers]
        return {**self.options, "tiers": tiers}


@dataclass(frozen=True)
class DemoVersion:
    """One text with its decisions; days count from the day of loading.

    `state` is "published", "imported" (from an old site, on the day `recorded`), "in_review" or "editing".
    """

    name: str
    texts: tuple[TextInput, ...]
    decisions: Mapping[str, Any]
    published: int
    effective: int | None = None
    recorded: int | None = None
    state: str = "published"
    reading: Reading | None = None

    @property
    def body(self) -> str:
        """The authoritative text."""
        return self.texts[0].body

    def decided_at(self, *, loaded_at: datetime, zone: ZoneInfo) -> datetime:
        """When it came to be here: published, recorded, or last edited; day 0 is the very moment of loading."""
        day = self.published if self.recorded is None else self.recorded
        return loaded_at if day == 0 else instant(day, loaded_at=loaded_at, zone=zone)

    def effective_at(self, *, loaded_at: datetime, zone: ZoneInfo) -> datetime | None:
        """Midnight of the day of effect in the policy's zone; None: in effect when posted."""
        if self.effective is None:
            return None
        return instant(self.effective, loaded_at=loaded_at, zone=zone, at=time.min)


@dataclass(frozen=True)
class DemoPolicy:
    """One policy with its fields, its tiers (name to class), and its versions in order, drafts last."""

    slug: str
    fields: Mapping[str, Any]
    tiers: Mapping[str, str]
    versions: tuple[DemoVersion, ...] = field(default_factory=tuple)


def instant(days: int, *, loaded_at: datetime, zone: ZoneInfo, at: time = PUBLISHED_AT_TIME) -> datetime:
    """Turn a count of days from the day of loading into an instant, at one time of the local day."""
    day = loaded_at.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, at, tzinfo=zone)


def read_all() -> list[DemoPolicy]:
    """Read every policy of the demo, by its address."""
    return [read_policy(folder) for folder in sorted(TEXTS.iterdir()) if folder.is_dir()]


def read_policy(folder: Path) -> DemoPolicy:
    """Read one policy's folder."""
    fields = yaml.safe_load((folder / "policy.yaml").read_text())
    readings = {name: _reading(dict(given)) for name, given in fields.pop("promises").items()}
    names = sorted(path.stem for path in folder.glob("*.md") if "." not in path.stem)
    return DemoPolicy(
        slug=folder.name,
        tiers=fields.pop("tiers", {}),
        fields=fields,
        versions=tuple(_version(folder, name, readings) for name in names),
    )


def _version(folder: Path, name: str, readings: Mapping[str, Reading]) -> DemoVersion:
    meta, body = _parts(folder / f"{name}.md")
    titles = meta["title"] if isinstance(meta["title"], dict) else {"en": meta["title"]}
    own = TextInput("en", titles["en"], body, str(meta.get("short_version", "")))
    translations = [_translation(path, titles) for path in sorted(folder.glob(f"{name}.*.md"))]
    decisions = {key: meta[key] for key in DECISIONS if key in meta}
    return DemoVersion(
        name=name,
        texts=(own, *translations),
        decisions={**decisions, **({"change_class": meta["class"]} if "class" in meta else {})},
        published=meta["published"],
        effective=meta.get("effective"),
        recorded=meta.get("recorded"),
        state=meta.get("state", "published"),
        reading=readings.get(meta.get("promise", "")),
    )


def _translation(path: Path, titles: Mapping[str, str]) -> TextInput:
    meta, body = _parts(path)
    code = path.stem.split(".")[1]
    return TextInput(code, titles[code], body, **meta)


def _parts(path: Path) -> tuple[dict[str, Any], str]:
    found = _FILE.fullmatch(path.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{path} does not begin with front matter between two lines of ---.")
    return yaml.safe_load(found["meta"]), found["body"]


def _reading(given: dict[str, Any]) -> Reading:
    tiers = tuple(TierReading(**tier) for tier in given.pop("tiers"))
    return Reading(tiers=tiers, options=given)
