"""
What the package is made of: `python -m scripts.bill_of_materials FOLDER` writes a bill of materials (CycloneDX 1.6) and
a list of licenses.

The packages are those that requirements/*.txt pin, with which the tests run. Their licenses are what they say of
themselves where this is run; the bill has no date, so that the same sources give the same bytes.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from policysite import __version__

ROOT = Path(__file__).parents[1]
BILL, LICENSES = "policysite.cdx.json", "licenses.md"
# What every site has, and what only the demo, printing and time-stamps need.
REQUIRED, OPTIONAL = ("production",), ("demo", "extras")
PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\\n]+?))? \\\n(?P<rest>(?:[ ].*\n?)*)",
    re.MULTILINE,
)
OF_THE_PROJECT = "policysite"
NOT_SAID = "not said where this was made"


@dataclass(frozen=True)
class Package:
    """
    :ivar marker: on which systems it is needed (PEP 508); empty: on all
    :ivar wanted_by: the packages that need it, `policysite` among them
    """

    name: str
    version: str
    marker: str
    wanted_by: tuple[str, ...]
    is_required: bool

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def packages() -> list[Package]:
    """Every package that is pinned, by name; those that depend on the system may be there in two versions."""
    found: dict[str, Package] = {}
    for names, is_required in ((REQUIRED, True), (OPTIONAL, False)):
        for name in names:
            for package in _pinned((ROOT / "requirements" / f"{name}.txt").read_text(), is_required=is_required):
                known = found.setdefault(package.purl, package)
                wanted_by = tuple(dict.fromkeys([*known.wanted_by, *package.wanted_by]))
                found[package.purl] = replace(known, wanted_by=wanted_by)
    return [found[purl] for purl in sorted(found)]


def _pinned(text: str, *, is_required: bool) -> Iterator[Package]:
    for pin in PIN.finditer(text):
        comments = [line.strip().removeprefix("#").strip() for line in pin["rest"].splitlines() if "#" in line]
        words = [comment.removeprefix("via").strip() for comment in comments]
        wanted_by = tuple(word.partition(" (")[0] for word in words if word and not word.startswith("-c "))
        yield Package(pin["name"], pin["version"], pin["marker"] or "", wanted_by, is_required)


def license_of(name: str) -> str:
    """What a package says of its license, an SPDX expression where it has one; empty where it is not installed here."""
    if expression := expression_of(name):
        return expression
    classes = [each.rpartition(" :: ")[2] for each in _said(name, "Classifier") if each.startswith("License ::")]
    one_line = next((each for each in _said(name, "License") if "\n" not in each), "")
    return " and ".join(each for each in classes if each != "OSI Approved") or one_line


def expression_of(name: str) -> str:
    return next(iter(_said(name, "License-Expression")), "")


def _said(name: str, field: str) -> list[str]:
    try:
        return metadata.metadata(name).get_all(field) or []
    except metadata.PackageNotFoundError:
        return []


def bill() -> dict[str, Any]:
    """The bill of materials as CycloneDX 1.6 has it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    own = f"pkg:pypi/{project['name']}@{__version__}"
    found = packages()
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": project["name"],
                "version": __version__,
                "description": project["description"],
                "licenses": [{"expression": project["license"]}],
                "purl": own,
            }
        },
        "components": [_component(package) for package in found],
        "dependencies": [
            {"ref": own, "dependsOn": _needs(OF_THE_PROJECT, found)},
            *({"ref": package.purl, "dependsOn": _needs(package.name, found)} for package in found),
        ],
    }


def _component(package: Package) -> dict[str, Any]:
    said = license_of(package.name)
    named = {"expression": said} if expression_of(package.name) else {"license": {"name": said}}
    return {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "scope": "required" if package.is_required else "optional",
        **({"licenses": [named]} if said else {}),
        "purl": package.purl,
        **({"properties": [{"name": "marker", "value": package.marker}]} if package.marker else {}),
    }


def _needs(name: str, found: list[Package]) -> list[str]:
    return [package.purl for package in found if name in package.wanted_by]


def licenses() -> str:
    """The list for people: each package with what it says of its license."""
    rows = [
        f"| {package.name} | {package.version} | {license_of(package.name) or NOT_SAID} |"
        f" {'every site' if package.is_required else 'demo, printing or time-stamps'} |"
        for package in packages()
    ]
    head = ["# Licenses", "", "policysite itself: BSD-3-Clause.", "", "| package | version | license | needed by |"]
    return "\n".join([*head, "|---|---|---|---|", *rows, ""])


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0])
    (folder / BILL).write_text(json.dumps(bill(), indent=1) + "\n", encoding="utf-8")
    (folder / LICENSES).write_text(licenses(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
