"""A version beside its page."""

import base64
import hashlib
import json

import pytest

from policies.evidence.pack import printing
from policies.models import Version
from tests import factories
from tests.views.asking import answer, get

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> Version:
    policy = factories.make_policy(slug="privacy")
    return factories.make_version(policy, translations={"de": "Kurz.\n"}, what_changed="It began.")


def test_markdown_is_the_canonical_bytes_under_one_hash(version: Version) -> None:
    response = answer("/p/privacy/v/1.md")
    digest = hashlib.sha256(response.content)
    assert response.headers["ETag"] == f'"{digest.hexdigest()}"'
    assert response.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert digest.hexdigest() == version.text_in("en").sha256
    assert "immutable" in response.headers["Cache-Control"]
    answer("/p/privacy/v/1.md", 304, If_None_Match=response.headers["ETag"])


def test_each_language_has_its_own_file(version: Version) -> None:
    response = answer("/p/privacy/de/v/1.md")
    assert response.content == b"Kurz.\n"
    assert response.headers["Content-Language"] == "de"
    answer("/p/privacy/fr/v/1.md", 404)


def test_plain_text_has_the_words_and_no_marks(version: Version) -> None:
    page = get("/p/privacy/v/1.txt")
    assert page.startswith("Privacy Policy\nLast updated ")
    assert "How long we keep it" in page
    assert "##" not in page


def test_json_tells_machines_everything(version: Version) -> None:
    found = json.loads(get("/p/privacy/v/1.json"))
    assert found["number"] == 1
    assert found["state"] == "in_force"
    assert found["sha256"] == version.text_in("en").sha256
    assert found["manifest_sha256"] == version.manifest_sha256
    assert found["summary"]["what_changed"] == "It began."
    assert found["markdown"] == factories.BODY


def test_a_page_is_printed_without_fetching_anything(version: Version) -> None:
    pytest.importorskip("weasyprint", reason="the extra “pdf” is not installed")
    response = answer("/p/privacy/v/1.pdf")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/pdf")
    assert response.content.startswith(b"%PDF-")


def test_without_the_printing_part_a_page_says_how_to_print(version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "find_spec", lambda _name: None)
    assert "Save as PDF" in get("/p/privacy/v/1.pdf", 501)


@pytest.mark.parametrize("ending", ["md", "txt", "json", "pdf"])
def test_what_was_never_published_has_no_file(version: Version, ending: str) -> None:
    factories.make_draft(version.policy)
    get(f"/p/privacy/v/2.{ending}", 404)


def test_a_redline_is_printed_too() -> None:
    pytest.importorskip("weasyprint", reason="the extra “pdf” is not installed")
    policy = factories.make_policy(slug="terms")
    factories.make_version(policy, published_at=factories.days_ago(9))
    factories.make_version(policy, body=factories.NEXT_BODY)
    response = answer("/p/terms/compare/1...2.pdf")
    assert response.content.startswith(b"%PDF-")
    assert response.headers["Content-Disposition"] == 'inline; filename="terms-v1-v2-en.pdf"'
    answer("/p/terms/compare/1...1.pdf", 404)
    answer("/p/terms/compare/1...9.pdf", 404)
    assert "compare/1...2.pdf" in get("/p/terms/compare/1...2/")
