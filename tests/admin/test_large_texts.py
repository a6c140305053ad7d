"""What an editor is told where a text takes more work than a request may, and that nothing typed is lost by it."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from policies import authoring, clock
from policies.admin.desk.page_links import policy_url, version_url
from policies.models import Version
from tests import factories, people
from tests.admin import desk

pytestmark = pytest.mark.django_db
LARGE = f"{factories.BODY}\n" + "Words and more words.\n\n" * 4000


@pytest.fixture
def draft(db: None) -> Version:
    """A draft with a large text, based on a version with another one."""
    policy = factories.make_policy()
    factories.make_version(policy, body=f"{LARGE}\nOne more.\n", published_at=factories.days_ago(9))
    return factories.make_draft(policy, body=LARGE, change_class="material")


@pytest.fixture(params=[{"TEXT_SECONDS": 1e-6}, {"TEXT_MEGABYTES": 1}], ids=["time", "memory"])
def limit(request: pytest.FixtureRequest, settings: Any) -> str:
    """No time, or no memory, for any large text; what the sentence about it has in it."""
    for name, value in request.param.items():
        setattr(settings, name, value)
    return "The work on" if "TEXT_SECONDS" in request.param else "MB of memory"


def test_a_preview_is_a_sentence(edith: Client, limit: str) -> None:
    shown = edith.post("/admin/preview/", {"content": LARGE})
    assert shown.status_code == 200
    assert limit in shown.content.decode()
    assert "<h" not in shown.content.decode()


def test_an_import_is_refused_in_a_sentence(edith: Client, limit: str) -> None:
    policy = factories.make_policy()
    upload = SimpleUploadedFile("a.md", LARGE.encode())
    answer = edith.post(policy_url(policy, "import"), {"file": upload, "language": "en"})
    assert answer.status_code == 409
    assert limit in answer.content.decode()
    assert not policy.versions.exists()


def test_an_editor_can_still_open_and_mend_a_draft(edith: Client, draft: Version, limit: str) -> None:
    page = edith.get(version_url(draft))
    assert page.status_code == 200
    assert limit in page.content.decode()
    assert "Words and more words." in page.content.decode()
    for untrue in ("No clause about changes was found", "A first version changes nothing", "Nothing to compare with"):
        assert untrue not in page.content.decode()
    mended = desk.form_of(draft, **{"text-en-body": "## Data\n\nShort.\n"})
    assert edith.post(version_url(draft), mended).status_code == 302


def test_what_was_typed_comes_back_where_it_cannot_be_compared(edith: Client, draft: Version, limit: str) -> None:
    answer = edith.post(version_url(draft), desk.form_of(draft, change_class="editorial", why="Typed just now."))
    assert answer.status_code == 422
    assert limit in answer.content.decode()
    assert "Typed just now." in answer.content.decode()


def test_two_editors_are_told_of_each_other_all_the_same(edith: Client, draft: Version, limit: str) -> None:
    form = desk.form_of(draft, **{"text-en-body": LARGE + "Mine."}, expected_revision=1)
    for body in (LARGE, f"{LARGE}\nTheirs.\n"):
        texts = [authoring.TextInput("en", "Privacy Policy", body)]
        authoring.save_draft(version=draft, by=people.ravi(), at=clock.now(), texts=texts)
    answer = edith.post(version_url(draft), form)
    assert answer.status_code == 409
    assert limit in answer.content.decode()
    assert "Mine." in answer.content.decode()


@pytest.mark.parametrize("verb", ["submit", "review"])
def test_a_verb_is_refused_in_a_sentence(verb: str, edith: Client, draft: Version, limit: str) -> None:
    answer = desk.press(edith, draft, verb)
    assert answer.status_code in {403, 409}
    assert answer.status_code == 403 or limit in answer.content.decode()
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_any_other_page_says_so_on_a_page_of_its_own(edith: Client, draft: Version, limit: str) -> None:
    for body in (LARGE, f"{LARGE}\nMore.\n"):
        texts = [authoring.TextInput("en", "Privacy Policy", body)]
        authoring.save_draft(version=draft, by=people.ravi(), at=clock.now(), texts=texts)
    answer = edith.get(version_url(draft, "revisions"))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert limit in answer.content.decode()
