import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments):
    command = [sys.executable, "-m", "policies.text", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def texts(tmp_path):
    for name, days in (("old.md", 30), ("new.md", 60)):
        (tmp_path / name).write_text(f"---\ntitle: T\n---\n# Privacy\n\nWe keep logs for {days} days.\n")
    return tmp_path / "old.md", tmp_path / "new.md"


def test_read_answers_every_file_and_survives_a_bad_one(texts, tmp_path):
    bad = tmp_path / "bad.md"
    bad.write_bytes(b"\xff")
    done = run("read", "--json", texts[0], bad, tmp_path / "missing.md")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [("error" in answer) for answer in answers] == [False, True, True]
    assert answers[0]["title"] == "Privacy"
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_compare_proposes_with_facts(texts):
    answer = json.loads(run("compare", "--json", *texts).stdout)
    assert answer["proposal"] == "material"
    assert answer["facts"] == [{"kind": "number", "before": "30 days", "after": "60 days", "unit": "days"}]
    assert (answer["words_inserted"], answer["words_deleted"], answer["regions"]) == (1, 1, 1)


def test_redline_rebuilds_what_read_calls_canonical(texts):
    runs = json.loads(run("redline", "--json", *texts).stdout)["runs"]
    canonical = [json.loads(line)["markdown"] for line in run("read", "--json", *texts).stdout.splitlines()]
    assert ["".join(t for op, t in runs if op in signs) for signs in ("=-", "=+")] == canonical


def test_pairs_lines_and_clauses(texts, tmp_path):
    (tmp_path / "pairs.jsonl").write_text(json.dumps({"id": "p", "before": "old.md", "after": "new.md"}))
    assert (
        json.loads(run("compare", "--json", "--pairs", tmp_path / "pairs.jsonl", "--root", tmp_path).stdout)["id"]
        == "p"
    )
    (tmp_path / "lines.jsonl").write_text(
        json.dumps({"id": "d", "line": "Updated: May 5, 2026", "capture_date": "2026-05-06"})
    )
    assert (
        json.loads(run("dates", "--json", "--lines", tmp_path / "lines.jsonl").stdout)["dates"][0]["value"]
        == "2026-05-05"
    )
    (tmp_path / "clauses.jsonl").write_text(json.dumps({"id": "c", "text": "We will email you about changes."}))
    assert json.loads(run("promise", "--json", "--clauses", tmp_path / "clauses.jsonl").stdout)["promise"][
        "channels"
    ] == ["email"]


def test_people_get_a_summary(texts):
    assert "[-30-] {+60+} days" in run("compare", *texts).stdout
    assert run("redline", "--html", *texts).stdout.startswith("<div")
    assert "2 headings" not in run("read", texts[0]).stdout
