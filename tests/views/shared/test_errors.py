"""Error pages: calm, helpful, and with the same headers as every other page."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client, RequestFactory

from policies.views.shared import errors
from tests import people
from tests.views.asking import answer, get


@pytest.mark.django_db
def test_what_does_not_exist_is_answered_with_the_way_home() -> None:
    page = get("/nothing/here/", 404)
    assert "There is no such page" in page
    assert 'href="/"' in page


@pytest.mark.django_db
def test_a_wrong_host_is_refused_with_a_page() -> None:
    assert "could not be read" in get("/", 400, Host="evil.example")


@pytest.mark.django_db
def test_a_form_without_its_token_records_nothing() -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-in/login/", {"login": "uma@example.org"})
    assert response.status_code == 403
    assert "This form was too old" in response.content.decode()


@pytest.mark.django_db
def test_our_own_fault_is_said_as_ours() -> None:
    response = errors.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "our fault" in response.content.decode()


@pytest.mark.django_db
def test_an_unreachable_database_is_said_to_be_for_a_while() -> None:
    try:
        raise OperationalError  # noqa: TRY301 - as the driver would, deep within a view
    except OperationalError:
        response = errors.server_error(RequestFactory().get("/"))
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "30"


@pytest.mark.django_db
def test_a_failing_page_keeps_its_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handlers stand inside the middleware: the policy covers a page that broke."""
    monkeypatch.setattr("policies.views.public.policy_pages.timeline.of_all", None)
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_oscar_sees_no_more_than_a_visitor() -> None:
    client = Client()
    client.force_login(people.oscar())
    assert client.get("/").content == answer("/").content


def test_no_template_has_anything_inline() -> None:
    """The content security policy would refuse it, silently for the reader. Mails and packs are no pages of ours."""
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)
    templates = list(Path(settings.BASE_DIR, "templates").rglob("*.html"))
    templates = [path for path in templates if not {"mail", "evidence"} & set(path.parts)]
    assert templates
    assert [path.name for path in templates if inline.search(path.read_text())] == []
