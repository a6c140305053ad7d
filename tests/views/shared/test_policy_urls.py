"""Addresses that policies once had: every face finds the policy there."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, reverse

import policies
from policies import clock, ledger, publishing, urls
from policies.models import Version
from tests import factories, people
from tests.views.asking import answer, get
from tests.views.programs.test_embed import ack, token

pytestmark = pytest.mark.django_db

FILLED = {"number": 1, "before": 1, "after": 1, "ending": "md", "language": "de", "ward": 7}
FACES = [each for each in urls.urlpatterns if isinstance(each, URLPattern) and "slug" in each.pattern.converters]
PROGRAMS = {"status"}


@pytest.fixture
def version() -> Version:
    """Published at /p/privacy/, where links in mails lead, and then renamed."""
    version = factories.make_version(factories.make_policy(slug="privacy"))
    publishing.rename(policy=version.policy, slug="privacy-2026", by=people.edith(), at=clock.now())
    return version


def path_of(face: URLPattern, slug: str) -> str:
    filled = {name: FILLED[name] for name in face.pattern.converters if name != "slug"}
    return reverse(f"policies:{face.name}", kwargs={"slug": slug, **filled})


@pytest.mark.parametrize("face", FACES, ids=lambda face: str(face.pattern))
def test_every_face_knows_an_old_address(version: Version, face: URLPattern) -> None:
    client = Client()
    client.force_login(people.uma())
    query = "?installed=1" if face.name in PROGRAMS else "?as_of=2026-01-01"
    said = client.get(path_of(face, "privacy") + query)
    if face.name in PROGRAMS:
        assert said.json()["policy"] == "privacy-2026"
    else:
        assert (said.status_code, said.headers["Location"]) == (
            301,
            path_of(face, "privacy-2026") + "?as_of=2026-01-01",
        )


def test_no_page_answers_for_another_policy_under_an_old_address(version: Version) -> None:
    assert get(answer("/p/privacy/v/1/", 301).headers["Location"]) == get("/p/privacy-2026/v/1/")
    assert "/p/privacy-2026/v/1/" in get("/p/privacy/v/no/such/", 404)


def test_a_form_that_was_open_while_it_was_renamed_is_taken(version: Version) -> None:
    said = Client().post("/p/privacy/follow/", {"address": "vera@example.org"})
    assert said.status_code == 200


def test_a_product_acknowledges_by_an_old_address(version: Version, settings: Any) -> None:
    settings.HOST_KEY = "the host and this site share it" * 2
    people.uma()
    version.policy.slug = "privacy"
    assert ack(version, token()).json()["policy"] == "privacy-2026"


def test_commands_know_an_old_address(version: Version, tmp_path: Path) -> None:
    text, said = tmp_path / "policy.md", io.StringIO()
    text.write_text("## What we keep\n\nYour name.\n")
    call_command("import_policy", str(text), slug="privacy", by="edith@example.org", stdout=said)
    assert version.policy.versions.drafts().count() == 1
    ledger.append(kind="test", reference="1", body={}, at=clock.now())
    call_command("evidence", "--version", "privacy/1", output=str(tmp_path / "pack.zip"), stdout=said)
    assert (tmp_path / "pack.zip").exists()


def test_policies_are_found_by_address_in_one_place_alone() -> None:
    root = Path(policies.__file__).parent
    calls = re.compile(r"(?:\.(?:filter|get|exclude|get_or_create)|\bQ|get_object_or_404)\([^)]*\)")
    for file in root.rglob("*.py"):
        if file.relative_to(root).parts[0] not in {"migrations", "models"}:
            for call in calls.findall(file.read_text()):
                assert not re.search(r"\b(?:policy__)?slug(?:__\w+)?=", call), (file, call)


def test_an_address_nobody_had_is_not_found() -> None:
    assert "There is no such page" in get("/p/nobody/", 404)
