"""Importing at the desk: what was left out stands on a page before anything is saved."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from policies.models import Version
from tests import factories, people

pytestmark = pytest.mark.django_db

PAGE = b"<html><body><nav>Home Products Prices</nav><h1>Terms</h1>" + b"<p>We keep your name for 30 days.</p>" * 9
CLEAN = "# Terms\n\nWe keep your name.\n"


def posted(client: Client, **fields: object):  # type: ignore[no-untyped-def]
    policy = factories.make_policy()
    address = f"/admin/policies/policy/{policy.pk}/import/"
    return address, client.post(address, {"language": "en", "title": "", **fields})


def test_what_was_left_out_is_shown_before_it_is_saved() -> None:
    client = people.signed_in(people.edith())
    file = SimpleUploadedFile("terms.html", PAGE)
    address, response = posted(client, file=file)
    assert response.status_code == 200
    assert "Home Products Prices" in response.content.decode()
    assert not Version.objects.exists()
    kept = dict(re.findall(r'name="(kept|kept_name|language)" value="([^"]*)"', response.content.decode()))
    response = client.post(address, {**kept, "title": "Terms"})
    assert response.status_code == 302
    assert "We keep your name for 30 days." in Version.objects.get().texts.get().body


def test_a_text_of_which_nothing_was_lost_is_saved_at_once() -> None:
    _, response = posted(people.signed_in(people.edith()), pasted=CLEAN)
    assert response.status_code == 302
    assert Version.objects.get().texts.get().body == CLEAN


@pytest.mark.parametrize("kept", ["%%%", "ä", ""])
def test_what_got_lost_on_the_way_is_refused_in_words(kept: str) -> None:
    _, response = posted(people.signed_in(people.edith()), kept=kept)
    assert response.status_code == 200
    said = response.content.decode()
    assert ("The text got lost on the way." if kept else "one of the two") in said
    assert not Version.objects.exists()


def test_a_format_that_is_not_read_is_called_by_its_name() -> None:
    _, response = posted(people.signed_in(people.edith()), file=SimpleUploadedFile("a.pdf", b"%PDF-1.7"))
    assert response.status_code == 409
    assert "This is a PDF" in response.content.decode()
