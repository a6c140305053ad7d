"""The live preview: for authors, by publishing's own renderer, within bounds; and no upload at all."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from policies.views.operators.live_preview import PREVIEWS_PER_MINUTE

pytestmark = pytest.mark.django_db
URL = "/admin/preview/"


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    cache.clear()


def test_it_shows_what_publishing_would(edith: Client) -> None:
    typed = "## Keep\n\n<script>alert(1)</script> [x](javascript:alert(1))"
    shown = edith.post(URL, {"content": typed}).content.decode()
    assert '<h2 id="' in shown
    assert "<script>" not in shown
    assert 'href="javascript' not in shown


@pytest.mark.parametrize(
    ("content", "said"), [("", "empty"), ("a\x00b", "U+0000"), ("x" * 300_000, "limit is 262,144")]
)
def test_it_says_why_a_text_cannot_be_published(edith: Client, content: str, said: str) -> None:
    answer = edith.post(URL, {"content": content})
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_it_answers_authors_only(ravi: Client, oscar: Client) -> None:
    assert [client.post(URL, {"content": "x"}).status_code for client in (Client(), ravi, oscar)] == [403, 403, 403]


def test_whoever_was_signed_out_while_typing_is_told_in_one_sentence() -> None:
    said = Client().post(URL, {"content": "x"}).content.decode()
    assert said.startswith("<p")
    assert "nothing you wrote is lost" in said


def test_it_takes_only_posts_with_a_token(edith: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = edith.cookies
    assert edith.get(URL).status_code == 405
    assert strict.post(URL, {"content": "x"}).status_code == 403


def test_it_has_a_limit(edith: Client) -> None:
    answers = [edith.post(URL, {"content": "x"}).status_code for _ in range(PREVIEWS_PER_MINUTE + 1)]
    assert answers.count(200) == PREVIEWS_PER_MINUTE or 429 not in answers  # a minute may turn in between
    assert set(answers) <= {200, 429}


def test_nobody_uploads(edith: Client) -> None:
    for client in (Client(), edith):
        assert client.get("/admin/upload/").status_code == 403
        assert client.post("/admin/upload/", {"image": "x"}).status_code == 403


def test_markdownx_finds_only_our_views() -> None:
    assert [reverse("markdownx_markdownify"), reverse("markdownx_upload")] == [URL, "/admin/upload/"]
    assert str(settings.MARKDOWNX_URLS_PATH) == URL
    with pytest.raises(NoReverseMatch):
        reverse("markdownx:markdownify")
    ours = {"admin/preview/", "admin/upload/"}
    others = [str(found) for found in get_resolver().url_patterns if str(found.pattern) not in ours]
    assert not any("markdownx" in found for found in others)
