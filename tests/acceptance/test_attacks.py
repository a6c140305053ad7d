"""What is no answer: each of these gets a clear reply and leaves no act."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from policies import acceptance, clock
from policies.models import Act, Version
from tests import people
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.acceptance.test_answer_page import form_of
from tests.factories import change_terms, days_ago, in_days, make_draft, make_person

pytestmark = pytest.mark.django_db

PAGE = "/review/terms/"
TICKED = {"answer": "accept", "agree": "yes"}


@pytest.fixture
def version() -> Version:
    uma()
    return asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))


@pytest.fixture
def signed_in() -> Client:
    client = Client()
    client.force_login(people.uma())
    return client


def send(client: Client, form: dict[str, str], page: str = PAGE, **headers: str) -> Any:
    return client.post(page, {**form, **TICKED}, headers=headers)


def assert_refused(response: Any, *, status: int = 409, says: str) -> None:
    assert response.status_code == status
    assert says in response.content.decode()
    assert not Act.objects.exists()


def test_an_unpublished_version_is_not_asked_and_not_accepted(signed_in: Client, version: Version) -> None:
    draft = make_draft(version.policy, acceptance="explicit")
    form = form_of(signed_in.get(PAGE))
    with pytest.raises(acceptance.NotOpen):
        acceptance.accept(
            person=uma(),
            version=draft,
            showing=acceptance.Showing("en", draft.text_in("en").sha256, ""),
            how=acceptance.Circumstances(method=Act.Method.FORM, strength=Act.Strength.CODE),
            at=clock.now(),
        )
    assert_refused(send(signed_in, {**form, "manifest": ""}), says="is not, or no longer, what the version says")


def test_a_version_withdrawn_while_it_was_read(signed_in: Client, version: Version) -> None:
    upcoming = asking_version(version.policy, effective_at=in_days(30), published_at=days_ago(1))
    form = form_of(signed_in.get(f"{PAGE}?version={upcoming.number}"))
    Version.objects.filter(pk=upcoming.pk).update(withdrawn_at=clock.now())
    assert_refused(send(signed_in, form), says="it is not published, or it was withdrawn")


def test_a_version_of_another_policy(signed_in: Client, version: Version) -> None:
    asking_version(asking_policy(slug="rules"), effective_at=days_ago(1), published_at=days_ago(9))
    form = form_of(signed_in.get("/review/rules/"))
    assert_refused(send(signed_in, form), says="is not, or no longer, what the version says")


def test_a_policy_that_does_not_bind_them(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get(PAGE))
    change_terms(version.policy, audiences=("pilots",))
    assert_refused(send(signed_in, form), says="This policy does not ask you")


def test_a_form_sent_again_after_it_was_undone_does_not_accept_again(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get(PAGE))
    receipt = send(signed_in, form).headers["Location"]
    signed_in.post(f"{receipt}undo/")
    before = Act.objects.count()
    assert "does not count any more" in signed_in.get(send(signed_in, form).headers["Location"]).content.decode()
    assert Act.objects.count() == before
    assert len(acceptance.outstanding(person=uma(), at=clock.now())) == 1


LOOKS = [{}, {"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"X-Moz": "prefetch"}]


@pytest.mark.parametrize("headers", LOOKS, ids=str)
def test_looking_prefetching_and_scanning(signed_in: Client, version: Version, headers: dict[str, str]) -> None:
    for client in (signed_in, Client()):
        for method in (client.get, client.head, client.options):
            assert method(f"{PAGE}?answer=accept&agree=yes", headers=headers).status_code in {200, 302, 405}
    assert not Act.objects.exists()


def test_a_scanner_that_sends_the_form_without_a_session(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get(PAGE))
    scanner = Client()
    assert send(scanner, form).headers["Location"].startswith("/sign-in/")
    assert not Act.objects.exists()


def test_a_link_that_was_forwarded(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get(PAGE))
    oscar = people.oscar()
    oscar.person = make_person(name="Oscar")
    oscar.save()
    other = Client()
    other.force_login(oscar)
    assert "u***@example.org" not in other.get(PAGE).content.decode()
    assert_refused(send(other, form), says="is not, or no longer, what the version says")


def test_a_clock_in_the_past(signed_in: Client, version: Version, time_machine: Any) -> None:
    form = form_of(signed_in.get(PAGE))
    time_machine.move_to(clock.now() - timedelta(days=20))
    assert_refused(send(signed_in, form), says="it is not published, or it was withdrawn")


def test_the_clock_of_their_device_changes_nothing(signed_in: Client, version: Version) -> None:
    send(signed_in, {**form_of(signed_in.get(PAGE)), "client_time": "1999-01-01T00:00:00Z"})
    act = Act.objects.get()
    assert (act.client_time, act.at.year) == ("1999-01-01T00:00:00Z", clock.now().year)


def test_a_body_too_large(signed_in: Client, version: Version) -> None:
    form = {**form_of(signed_in.get(PAGE)), "padding": "x" * 3_000_000}
    assert send(signed_in, form).status_code in {400, 413}
    assert not Act.objects.exists()


def test_too_many_fields(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get(PAGE)) | {f"field-{number}": "x" for number in range(2000)}
    assert send(signed_in, form).status_code in {400, 413}
    assert not Act.objects.exists()


ELSEWHERE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "http:evil.example", "http:///evil.example",
    "https://evil.example/", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,evil", "/\t/evil.example",
    "/%09/evil.example\n", "https:evil.example", "//evil.example%2f@127.0.0.1", "http://127.0.0.1@evil.example/",
    " //evil.example", "evil.example", "?next=//evil.example", "file:///etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
def test_the_way_back_leads_nowhere_else(signed_in: Client, version: Version, target: str) -> None:
    assert 'name="next"' not in signed_in.get(PAGE, {"next": target}).content.decode() or target.startswith("/%09")
    form = {**form_of(signed_in.get(PAGE)), "next": target}
    receipt = signed_in.get(send(signed_in, form).headers["Location"]).content.decode()
    assert 'href="//' not in receipt
    assert "evil.example" not in receipt or target.startswith("/%09")
    assert "javascript:" not in receipt.lower()


def test_a_way_back_with_nul_in_it_is_turned_away(signed_in: Client, version: Version) -> None:
    form = {**form_of(signed_in.get(PAGE)), "next": "\x00//evil.example"}
    assert send(signed_in, form).status_code == 400
    assert not Act.objects.exists()
