"""Read, compare and date policy texts from the command line; one JSON object a line with --json."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from policies.text import reading
from policies.text.compare.redline import Redline, redline
from policies.text.meaning import facts, promises, proposal, stated_dates
from policies.text.rejected import TextRejected
from policies.text.show import html_redline, plain_redline

Answer = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit status is 1 where an input could not be read."""
    options = _parser().parse_args(arguments)
    failed = False
    for answer in options.run(options):
        failed = failed or "error" in answer
        print(_json_line(answer) if options.json else answer.get("error") or answer["summary"])
    return int(failed)


# JSON lets them stand in a string; whoever parts lines by them does not.
_LINE_ENDS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}


def _json_line(answer: Answer) -> str:
    return json.dumps(answer, ensure_ascii=False).translate(_LINE_ENDS)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m policies.text", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    read = _command(commands, "read", "Say what a text holds: title, dates, headings, promise, warnings.", _read)
    read.add_argument("files", nargs="+", metavar="FILE", help="Markdown, HTML or plain text")
    compare = _command(commands, "compare", "Say what changed, and how much it seems to matter.", _compare)
    compare.add_argument("files", nargs="*", metavar="OLD NEW", help="two texts")
    compare.add_argument("--pairs", type=Path, help="JSON lines with id, before and after, instead of two files")
    compare.add_argument("--root", type=Path, default=Path(), help="the folder of the pairs' files")
    line = _command(commands, "redline", "Print the exact redline of two texts, as runs or as HTML.", _redline)
    line.add_argument("--html", action="store_true", help="HTML instead of runs")
    line.add_argument("files", nargs=2, metavar=("OLD", "NEW"))
    dated = _command(commands, "dates", "Say of single lines whether they date their text.", _dates)
    dated.add_argument("--lines", type=Path, required=True, help="JSON lines with id, line, capture_date")
    promise = _command(commands, "promise", "Read the promise out of clauses about changes.", _promise)
    promise.add_argument("--clauses", type=Path, required=True, help="JSON lines with id and text")
    return parser


def _command(
    commands: Any, name: str, text: str, run: Callable[[argparse.Namespace], Iterable[Answer]]
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run)
    return parser


def _source(path: Path) -> reading.Source:
    return reading.source(path.read_bytes(), filename=path.name)


def _guarded(answer: Answer, build: Callable[[], Answer]) -> Answer:
    """Add what is built, or the reason why it cannot be; a bad file never ends the run."""
    try:
        return answer | build()
    except (TextRejected, OSError) as error:
        return answer | {"error": str(error)}
    except Exception as error:  # noqa: BLE001 - a run over many files survives one of them
        return answer | {"error": f"{type(error).__name__}: {error}"}


def _read(options: argparse.Namespace) -> Iterator[Answer]:
    for name in options.files:
        yield _guarded({"file": name}, lambda name=name: _read_file(Path(name)))  # type: ignore[misc]


def _read_file(path: Path) -> Answer:
    found = reading.read(path.read_bytes(), filename=path.name)
    answer = asdict(found)
    answer["headings"] = [asdict(h) | {"text": h.label} for h in found.headings]
    answer["promise"] = found.promise.as_dict() if found.promise else None
    answer["front_matter"] = {str(k): _plain(v) for k, v in found.front_matter.items()}
    return answer | {"summary": _reading_summary(found)}


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


def _reading_summary(found: reading.Reading) -> str:
    lines = [
        f"{found.title or '(no title)'} [{found.language}], {found.words:,} words, sha256 {found.sha256[:12]}",
        *(f"  {d.role}: {d.value} (line {d.line}, {d.position})" for d in found.dates),
        f"  {len(found.headings)} headings, {found.list_items} list items, {len(found.tables)} tables",
        *(f"  line {w.line}: {w.code}: {w.message}" for w in found.warnings),
    ]
    return "\n".join(lines)


def _compare(options: argparse.Namespace) -> Iterator[Answer]:
    if options.pairs:
        for pair in _json_lines(options.pairs):
            old, new = options.root / pair["before"], options.root / pair["after"]
            yield _guarded({"id": pair["id"]}, lambda old=old, new=new: _compare_files(old, new))  # type: ignore[misc]
    elif len(options.files) == 2:
        old, new = map(Path, options.files)
        yield _guarded({"id": f"{old.name}..{new.name}"}, lambda: _compare_files(old, new))
    else:
        yield {"id": "", "error": "Give two files, or --pairs and --root."}


def _compare_files(old: Path, new: Path) -> Answer:
    started = time.perf_counter()
    before, after = _source(old), _source(new)
    found = redline(before.markdown, after.markdown)
    proposed = proposal.propose(found)
    answer = {
        "proposal": proposed.klass,
        "reasons": [asdict(reason) for reason in proposed.reasons],
        "facts": [fact.as_dict() for fact in facts.facts(found)],
        "words_inserted": found.words_inserted,
        "words_deleted": found.words_deleted,
        "regions": found.regions,
        "seconds": round(time.perf_counter() - started, 4),
    }
    return answer | {"summary": f"{proposed.klass}\n\n{plain_redline.plain_text(found)}"}


def _redline(options: argparse.Namespace) -> Iterator[Answer]:
    old, new = map(Path, options.files)
    yield _guarded({}, lambda: _redline_files(old, new, is_html=options.html))


def _redline_files(old: Path, new: Path, *, is_html: bool) -> Answer:
    found = redline(_source(old).markdown, _source(new).markdown)
    if is_html:
        html = html_redline.inline_html(found)
        return {"html": html, "summary": html}
    return {"runs": found.runs, "summary": _marked(found)}


def _marked(found: Redline) -> str:
    marks = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
    return "".join(marks[op].format(text) for op, text in found.runs)


def _dates(options: argparse.Namespace) -> Iterator[Answer]:
    for line in _json_lines(options.lines):
        captured = date.fromisoformat(line["capture_date"]) if line.get("capture_date") else None
        found = stated_dates.read_line(line["line"], captured=captured)
        listed = [when.as_dict() for when in found.dates]
        yield {
            "id": line["id"],
            "is_last_updated": found.is_last_updated,
            "dates": listed,
            "summary": f"{line['id']}: {', '.join(f'{d.role} {d.value}' for d in found.dates) or '-'}",
        }


def _promise(options: argparse.Namespace) -> Iterator[Answer]:
    for clause in _json_lines(options.clauses):
        found = promises.read_promise(clause["text"])
        yield {
            "id": clause["id"],
            "promise": found.as_dict(),
            "summary": f"{clause['id']}: {', '.join(found.channels) or 'no channel'} ({found.channels_logic})",
        }


def _json_lines(path: Path) -> Iterator[Any]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
