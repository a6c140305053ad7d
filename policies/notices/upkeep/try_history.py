"""Reading what `send.try_journal` wrote: what became of each mail, as far as it is known outside the database."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from policies.models import Notice
from policies.notices.send import try_journal
from policies.notices.send.try_journal import Fate


@dataclass
class _Known:
    """What the files say of one recipient of one notice."""

    begun: int = 0
    accepted: tuple[str, str] | None = None


class History:
    """All that the folder of a database knows."""

    def __init__(self, instance: str, *, attempt: int) -> None:
        """`attempt`: the highest try in the database; what came later is what is asked about."""
        self._lines: dict[tuple[object, ...], dict[str, _Known]] = {}
        self._keys: dict[tuple[object, ...], Counter[str]] = {}
        self.gap = self._gap(instance, attempt)

    def fate(self, notice: Notice, mark: str) -> tuple[Fate, datetime | None]:
        """What became of the mail to a recipient, by their `mark`, and when it was accepted."""
        about = tuple(try_journal.identity(notice))
        key, known = mark.partition("-")[0], self._lines.get(about, {}).get(mark)
        if self.gap or (known is None and key in self._keys.get(about, ())):
            return Fate.UNCERTAIN, None
        if known is None or (known.accepted is None and known.begun <= 0):
            return Fate.UNSENT, None
        if known.accepted is None:
            return Fate.UNCERTAIN, None
        made, at = known.accepted
        # What somebody did by hand after the backup may have been done again since, in other words.
        is_the_same = made == notice.created_at.isoformat() or (
            notice.kind in {Notice.Kind.CHANGE, Notice.Kind.REMINDER} and not notice.occasion
        )
        return (Fate.ACCEPTED, datetime.fromisoformat(at)) if is_the_same else (Fate.UNCERTAIN, None)

    def _gap(self, instance: str, attempt: int) -> str:
        """Why it does not tell everything that was tried since the backup; empty where it does."""
        coverage = try_journal.read(try_journal.folder(instance) / try_journal.COVERAGE)
        if coverage is None:
            return "there is no record of tries in HIGH_WATER_FOLDER"
        if coverage["since"] > attempt:
            return "the backup is older than the record of tries in HIGH_WATER_FOLDER"
        others = {**try_journal.folders(), **coverage["others"]}
        others.pop(coverage["folder"], None)
        if any(last >= attempt for last in others.values()):
            return "machines with a HIGH_WATER_FOLDER of their own sent, too"
        try:
            for path in try_journal.folder(instance).glob("*.jsonl"):
                self._read_file(path)
        except (OSError, ValueError, KeyError) as error:
            return f"the record of tries in HIGH_WATER_FOLDER cannot be read ({error})"
        return ""

    def _read_file(self, path: Path) -> None:
        lines = path.read_bytes().split(b"\n")
        # A line without an end was never on the disk as a whole, and so none of its mails had gone out.
        for line in lines[:-1]:
            said = json.loads(line)
            about = tuple(said["notice"])
            known = self._lines.setdefault(about, {})
            for mark in said.get("may", ()):
                known.setdefault(mark, _Known()).begun += 1
                self._keys.setdefault(about, Counter())[mark.partition("-")[0]] += 1
            for mark in said.get(Fate.UNSENT, ()):
                known[mark].begun -= 1
            for mark in said.get(Fate.ACCEPTED, ()):
                known[mark].accepted = (said["made"], said["at"])
