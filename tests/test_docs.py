"""The documents name what there is: every setting, every command, every link."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()
COMMANDS = sorted(
    path.stem for path in (ROOT / "policies" / "management" / "commands").glob("*.py") if path.stem != "__init__"
)


def variables_read() -> set[str]:
    """The names given as a first argument to `env.something(...)` or to `_sender(...)` in the settings."""
    tree = ast.parse((ROOT / "policysite" / "settings.py").read_text())
    return {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant)
        if re.match(r"(env\.\w+|_sender)$", ast.unparse(call.func)) and isinstance(call.args[0].value, str)
    }


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", CONFIGURATION, re.MULTILINE))
    read_elsewhere = {"PORT", "RESET", "EMPTY", "ARGS"}  # by the Makefile
    assert documented - read_elsewhere == variables_read()


def test_every_command_is_documented() -> None:
    documented = set(re.findall(r"^\| `manage\.py (\w+)", CONFIGURATION, re.MULTILINE))
    assert documented == set(COMMANDS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


def test_every_make_target_that_the_readme_names_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", (ROOT / "README.md").read_text())) <= targets


def test_every_test_that_the_matrix_of_faults_names_is_there() -> None:
    named = re.findall(r"`(test_\w+)(\.py)?`", (ROOT / "docs" / "faults.md").read_text())
    files = list((ROOT / "tests").rglob("test_*.py"))
    there = {path.stem for path in files}.union(*(re.findall(r"def (test_\w+)", path.read_text()) for path in files))
    assert {name for name, _suffix in named} - there == set()
