"""The documents name what there is: every setting, every command, every link."""

import re
from pathlib import Path

import pytest

from policysite.environment import table
from scripts import settings_document

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()
COMMANDS = sorted(
    path.stem for path in (ROOT / "policies" / "management" / "commands").glob("*.py") if path.stem != "__init__"
)


def test_every_setting_is_documented_as_the_table_has_it() -> None:
    assert settings_document.document(CONFIGURATION) == CONFIGURATION
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", CONFIGURATION, re.MULTILINE))
    of_make = {"PORT", "RESET", "EMPTY", "ARGS"}
    assert documented - of_make == {setting.name for setting in table.SETTINGS}


def test_settings_are_read_at_one_place() -> None:
    """What reads the environment by itself has no row in the table, no check and no line in the manual."""
    reads = re.compile(r"os\.environ\b|getenv|\benviron\.Env\(")
    found = {
        str(path.relative_to(ROOT))
        for room in ("policies", "policysite")
        for path in (ROOT / room).rglob("*.py")
        if reads.search(path.read_text())
    }
    # The first names the module with the settings, the next two hand the environment to the table, and the others hand
    # it on to processes that they start.
    assert found == {
        *("policysite/celery.py", "policysite/starting.py", "policysite/settings.py"),
        *(f"policysite/running/{name}.py" for name in ("command", "demo", "small_site")),
        "policies/operations/backups.py",
    }


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
