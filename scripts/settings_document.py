"""
The tables of docs/configuration.md, made from the table of settings: `python -m scripts.settings_document [--check]`.

Everything before the first of its headings and from “Commands” on is written by hand and stays.
"""

import sys
from pathlib import Path

from policysite.environment.setting import Section, Setting
from policysite.environment.table import SECTIONS

PATH = Path(__file__).parents[1] / "docs" / "configuration.md"
NEXT = "\n## Of make\n"


def row(setting: Setting) -> str:
    takes = setting.kind.words.replace("<", "&lt;")
    return f"| `{setting.name}` | {takes} | {default(setting)} | {setting.means} |"


def default(setting: Setting) -> str:
    if setting.otherwise:
        return setting.otherwise
    usual = f"`{setting.default}`" if setting.default else "none" if setting.is_needed else "empty"
    return usual if setting.demo is None else f"{usual}; demo: `{setting.demo}`"


def section(section: Section) -> str:
    head = ["| variable | takes | default | meaning |", "|---|---|---|---|"]
    introduction = [section.introduction, ""] if section.introduction else []
    return "\n".join([f"## {section.title}", "", *introduction, *head, *map(row, section.settings), ""])


def document(written: str) -> str:
    """The whole document: `written` with its tables as they should be."""
    before = written[: written.index(f"## {SECTIONS[0].title}\n")]
    return before + "\n".join(map(section, SECTIONS)) + written[written.index(NEXT) :]


def main(arguments: list[str]) -> int:
    written = PATH.read_text()
    made = document(written)
    if "--check" not in arguments:
        PATH.write_text(made)
        return 0
    if made == written:
        return 0
    print("docs/configuration.md is not what the table of settings says: python -m scripts.settings_document")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
