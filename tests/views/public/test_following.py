"""A visitor follows, confirms, and stops in one click; links that are only opened change nothing."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail, signing
from django.test import Client

from policies import clock
from policies.models import Follower, Policy
from policies.notices import following
from tests import factories, people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mails(settings: object) -> None:
    mail.outbox.clear()


def follow(policy: Policy, address: str = "vera@example.org", **fields: str) -> object:
    return Client().post(
        f"/p/{policy.slug}/follow/", {"address": address, **fields}, REMOTE_ADDR=f"192.0.2.{policy.pk % 250}"
    )


def a_policy() -> Policy:
    return factories.make_version().policy


def link_in(body: str) -> str:
    return next(line for line in body.splitlines() if "/follow/confirm/" in line).partition("://")[2].partition("/")[2]


def test_following_needs_the_mailbox_to_say_yes() -> None:
    policy = a_policy()
    follow(policy)
    assert Follower.objects.get().confirmed_at is None
    assert str(mail.outbox[0].extra_headers["Message-ID"]).endswith(f"@{settings.MAIL_DOMAIN}>")
    link = "/" + link_in(str(mail.outbox[0].body))
    assert Client().get(link).status_code == 200
    assert Follower.objects.get().confirmed_at is None
    Client().post(link)
    assert Follower.objects.get().confirmed_at is not None


def test_nobody_learns_from_the_page_who_follows() -> None:
    policy = a_policy()
    people.vera(policy)
    known, unknown = follow(policy), follow(policy, "somebody@example.org")
    assert "vera" not in known.content.decode()  # type: ignore[attr-defined]
    assert known.content.decode().count("<") == unknown.content.decode().count("<")  # type: ignore[attr-defined]
    assert len(mail.outbox) == 2


def test_a_mailbox_is_not_filled_by_asking_again() -> None:
    policy = a_policy()
    for _ in range(4):
        follow(policy)
    assert len(mail.outbox) == 1


def test_one_click_stops_without_cookie_or_token_and_twice() -> None:
    vera = people.vera(a_policy())
    client = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = client.post(f"/follow/{vera.token}/", {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert not Follower.objects.exists()


def test_whoever_stops_one_policy_hears_of_it_by_no_other_way() -> None:
    terms, rules = a_policy(), factories.make_policy(slug="rules", title="House Rules")
    for followed in (terms, rules, None):
        people.vera(followed)
    of_terms = Follower.objects.get(policy=terms)
    page = Client().get(f"/follow/{of_terms.token}/").content.decode()
    assert f"<li>{terms.title}</li>" in page
    assert "<li>all policies</li>" in page
    assert "It still follows" in page
    assert "forgotten" not in page
    Client().post(f"/follow/{of_terms.token}/")
    assert [each.policy for each in Follower.objects.all()] == [rules]


def test_whoever_stops_all_policies_stops_each() -> None:
    for followed in (a_policy(), None):
        people.vera(followed)
    other = Follower.objects.create(address="nemo@example.org", asked_at=clock.now(), confirmed_at=clock.now())
    page = Client().get(f"/follow/{Follower.objects.get(policy=None, address='vera@example.org').token}/")
    assert "The address is then forgotten here." in page.content.decode()
    Client().post(page.request["PATH_INFO"])
    assert list(Follower.objects.all()) == [other]


def test_opening_the_link_stops_nothing() -> None:
    vera = people.vera(a_policy())
    answer = Client().get(f"/follow/{vera.token}/")
    assert Follower.objects.count() == 1
    assert "v***@example.org" in answer.content.decode()
    assert vera.address not in answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("salt", ["another purpose", ""])
def test_a_link_for_something_else_confirms_nothing(salt: str) -> None:
    follow(a_policy())
    follower = Follower.objects.get()
    forged = signing.dumps(follower.token, salt=salt or "policies.following.confirm", key=None if salt else "x" * 50)
    assert Client().post(f"/follow/confirm/{forged}/").status_code == 404
    assert Client().post(f"/follow/{following.confirming_link(follower).split('/')[-2]}/").status_code == 200
    assert Follower.objects.get().confirmed_at is None


@pytest.mark.parametrize("address", ["nobody", "a@b\nBcc: c@d", "x" * 65 + "@example.org", ""])
def test_what_is_no_address_is_refused(address: str) -> None:
    answer = follow(a_policy(), address)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert not Follower.objects.exists()


def test_asking_too_often_is_slowed_down() -> None:
    policy = a_policy()
    answers = [follow(policy, f"v{n}@example.org") for n in range(7)]
    assert answers[-1].status_code == 429  # type: ignore[attr-defined]


def test_whoever_never_answers_is_forgotten() -> None:
    follow(a_policy())
    following.forget_unconfirmed(at=clock.now() + timedelta(days=4))
    assert not Follower.objects.exists()
