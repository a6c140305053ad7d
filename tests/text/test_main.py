import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policies.text import __main__ as command

Run = Callable[..., tuple[int, str]]
Answers = Callable[..., list[dict[str, Any]]]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str]:
        status = command.main([str(argument) for argument in arguments])
        return status, capsys.readouterr().out

    return call


@pytest.fixture
def answers(run: Run) -> Answers:
    def call(*arguments: object) -> list[dict[str, Any]]:
        return [json.loads(line) for line in run(*arguments)[1].splitlines()]

    return call


@pytest.fixture
def texts(tmp_path: Path) -> tuple[Path, Path]:
    for name, days in (("old.md", 30), ("new.md", 60)):
        (tmp_path / name).write_text(f"---\ntitle: T\n---\n# Privacy\n\nWe keep logs for {days} days.\n")
    return tmp_path / "old.md", tmp_path / "new.md"


def test_read_answers_every_file_and_survives_a_bad_one(run: Run, texts: tuple[Path, Path], tmp_path: Path) -> None:
    bad = tmp_path / "bad.md"
    bad.write_bytes(b"%PDF-1.7")
    status, out = run("read", "--json", texts[0], bad, tmp_path / "missing.md")
    found = [json.loads(line) for line in out.splitlines()]
    assert [("error" in answer) for answer in found] == [False, True, True]
    assert found[0]["title"] == "Privacy"
    assert status == 1


def test_it_runs_as_a_module_and_explains_itself() -> None:
    module = [sys.executable, "-m", "policies.text", "--help"]
    done = subprocess.run(module, cwd=ROOT, capture_output=True, text=True, check=True)
    assert all(name in done.stdout for name in ("read", "compare", "redline", "dates", "promise"))


def test_compare_proposes_with_facts(answers: Answers, texts: tuple[Path, Path]) -> None:
    (answer,) = answers("compare", "--json", *texts)
    assert answer["proposal"] == "material"
    assert answer["facts"] == [{"kind": "number", "before": "30 days", "after": "60 days", "unit": "days"}]
    assert (answer["words_inserted"], answer["words_deleted"], answer["regions"]) == (1, 1, 1)


def test_redline_rebuilds_what_read_calls_canonical(answers: Answers, texts: tuple[Path, Path]) -> None:
    runs = answers("redline", "--json", *texts)[0]["runs"]
    canonical = [answer["markdown"] for answer in answers("read", "--json", *texts)]
    assert ["".join(text for op, text in runs if op in signs) for signs in ("=-", "=+")] == canonical


def test_compare_takes_a_file_of_pairs(answers: Answers, texts: tuple[Path, Path], tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text(json.dumps({"id": "p", "before": texts[0].name, "after": texts[1].name}))
    assert answers("compare", "--json", "--pairs", pairs, "--root", tmp_path)[0]["id"] == "p"


def test_dates_takes_lines_and_promise_takes_clauses(answers: Answers, tmp_path: Path) -> None:
    lines, clauses = tmp_path / "lines.jsonl", tmp_path / "clauses.jsonl"
    lines.write_text(json.dumps({"id": "d", "line": "Updated: May 5, 2026", "capture_date": "2026-05-06"}))
    clauses.write_text(json.dumps({"id": "c", "text": "We will email you about changes."}))
    assert answers("dates", "--json", "--lines", lines)[0]["dates"][0]["value"] == "2026-05-05"
    assert answers("promise", "--json", "--clauses", clauses)[0]["promise"]["channels"] == ["email"]


def test_people_get_a_summary(run: Run, texts: tuple[Path, Path]) -> None:
    assert "[-30-] {+60+} days" in run("compare", *texts)[1]
    assert run("redline", "--html", *texts)[1].startswith("<div")
    assert "We keep" not in run("read", texts[0])[1]
