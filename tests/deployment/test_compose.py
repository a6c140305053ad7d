"""Whatever stands in .env reaches the site's containers, and what is none of the site's business does not."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from policysite.environment import table

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SITE = ("web", "worker", "beat", "migrate")
DOT_ENV = {setting.name: f"of {setting.name}" for setting in table.SETTINGS} | {
    "POSTGRES_PASSWORD": "of the superuser",
    "OWNER_DATABASE_URL": "of the owner",
}


def given_to(service: dict[str, Any]) -> dict[str, str]:
    """As Compose does: the file, and above it what is named, with places filled in from the same file."""
    from_files = DOT_ENV if ".env" in service.get("env_file", []) else {}
    named = {name: filled(str(value)) for name, value in service.get("environment", {}).items()}
    return {**from_files, **named}


def filled(text: str) -> str:
    return re.sub(r"\$\{(\w+)(?::[-?]([^}]*))?\}", lambda place: DOT_ENV.get(place[1]) or place[2] or "", text)


@pytest.mark.parametrize("name", SITE)
def test_every_setting_reaches_it(name: str) -> None:
    given = given_to(COMPOSE["services"][name])
    expected = {setting.name: f"of {setting.name}" for setting in table.SETTINGS}
    if name == "migrate":
        expected["DATABASE_URL"] = "of the owner"
    assert {key: given.get(key) for key in expected} == expected


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_passwords_of_others_do_not(name: str) -> None:
    assert {"of the superuser", "of the owner"} & set(given_to(COMPOSE["services"][name]).values()) == set()
