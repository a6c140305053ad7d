"""The desk speaks English, whatever a browser asks for; what stands in it keeps its own language."""

import pytest
from django.test import Client

from policies.admin.desk.page_links import version_url
from tests import factories
from tests.admin.addresses import every_address
from tests.admin.conftest import SignIn

pytestmark = pytest.mark.django_db

GERMAN = {"Accept-Language": "de"}


def test_every_page_is_english_for_a_german_browser(sign_in: SignIn) -> None:
    factories.make_draft(body=factories.BODY)
    client = sign_in(factories.make_user(is_staff=True, is_superuser=True))
    pages = [client.get(path, headers=GERMAN) for path in every_address().values()]
    shown = [page for page in pages if page.status_code == 200 and "text/html" in page["Content-Type"]]
    framed = [page for page in shown if b'id="user-tools"' in page.content]
    assert len(framed) > 20
    assert {page["Content-Language"] for page in framed} == {"en"}
    assert [page.request["PATH_INFO"] for page in framed if b'<html lang="en"' not in page.content] == []


def test_nothing_is_half_translated(edith: Client) -> None:
    draft = factories.make_draft(factories.make_version().policy, body=factories.NEXT_BODY)
    shown = edith.get(version_url(draft), headers=GERMAN).content.decode()
    assert [word for word in ("Abschnitt", "Entwurf", "Englisch", "Vergleich", "Abmelden") if word in shown] == []


def test_a_german_text_is_marked_as_one(edith: Client) -> None:
    policy = factories.make_policy(language="de")
    factories.make_version(policy)
    draft = factories.make_draft(policy, body=factories.NEXT_BODY)
    shown = edith.get(version_url(draft)).content.decode()
    assert '<div class="desk-paper redline" lang="de" dir="ltr">' in shown
    assert shown.count('lang="de"') >= 4


def test_what_people_read_stays_translated(client: Client) -> None:
    for path in ("/sign-in/login/code/", "/account/", "/nowhere/"):
        assert b'<html lang="de"' in client.get(path, headers=GERMAN, follow=True).content, path
