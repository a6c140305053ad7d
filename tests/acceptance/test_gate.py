from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from policies import acceptance, clock
from policies.acceptance import gate
from policies.models import Act, Version
from tests import people
from tests.acceptance.asking import BY_FORM, asking_policy, asking_version, screen_of, uma
from tests.factories import days_ago, in_days

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PRODUCT = "/demo/product/"


@pytest.fixture
def version() -> Any:
    return asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))


@pytest.fixture
def signed_in(client: Client) -> Any:
    client.force_login(people.uma())
    return client


def agree(version: Version) -> Any:
    return acceptance.accept(person=uma(), version=version, showing=screen_of(version), how=BY_FORM, at=clock.now())


def test_the_product_waits_for_the_answer(signed_in: Client, version: Version) -> None:
    response = signed_in.get(PRODUCT)
    assert response.status_code == 302
    assert response.headers["Location"] == "/review/terms/?next=%2Fdemo%2Fproduct%2F"


def test_an_answer_opens_the_product(signed_in: Client, version: Version) -> None:
    agree(version)
    assert signed_in.get(PRODUCT).status_code == 200


def test_a_decline_does_not_open_it(signed_in: Client, version: Version) -> None:
    acceptance.decline(person=uma(), version=version, showing=screen_of(version), how=BY_FORM, at=clock.now())
    assert signed_in.get(PRODUCT).status_code == 302


@pytest.fixture
def graced() -> Any:
    """A version in force since yesterday; the product waits for answers in nine days."""
    return asking_version(asking_policy(grace_period_days=10), effective_at=days_ago(1), published_at=days_ago(9))


def test_within_the_days_of_grace_it_asks_once_and_says_until_when(signed_in: Client, graced: Version) -> None:
    asked = signed_in.get(PRODUCT)
    assert asked.headers["Location"] == f"/review/{graced.policy.slug}/?next=%2Fdemo%2Fproduct%2F"
    assert "Decide later" in signed_in.get(asked.headers["Location"]).content.decode()
    assert "waits for your answer until" in signed_in.get(PRODUCT).content.decode()
    assert not Act.objects.filter(kind=Act.Kind.AGREED).exists()


def test_within_the_days_of_grace_it_asks_again_in_another_session(signed_in: Client, graced: Version) -> None:
    signed_in.get(PRODUCT)
    signed_in.logout()
    signed_in.force_login(people.uma())
    assert signed_in.get(PRODUCT).status_code == 302


def test_what_is_published_after_one_was_put_off_is_asked_about_once_as_well(
    signed_in: Client, graced: Version
) -> None:
    assert signed_in.get(PRODUCT).status_code == 302
    assert signed_in.get(PRODUCT).status_code == 200
    later = asking_version(asking_policy(grace_period_days=10), effective_at=days_ago(1), published_at=days_ago(2))
    elsewhere = Client()  # the same session, in a process that read the requirement since
    elsewhere.cookies = signed_in.cookies
    assert f"/review/{later.policy.slug}/" in elsewhere.get(PRODUCT).headers["Location"]
    assert elsewhere.get(PRODUCT).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Requested-With": "fetch"},
        {"Accept": "application/json"},
        {"Sec-Fetch-Dest": "image"},
        {"Sec-Purpose": "prefetch"},
    ],
)
def test_within_the_days_of_grace_nothing_but_a_page_is_asked(signed_in: Client, graced: Version, headers: Any) -> None:
    assert signed_in.get(PRODUCT, headers=headers).status_code == 200
    assert signed_in.post(PRODUCT, {"name": "Night drive"}).status_code == 200
    assert signed_in.get(PRODUCT).status_code == 302


def test_whoever_put_it_off_is_held_when_the_grace_is_over(graced: Version) -> None:
    user, door = people.uma(), gate.Gate()
    session: dict[str, Any] = {}
    assert door.look(session=session, user_id=user.pk, at=clock.now()).asking == (graced.policy_id,)
    session[gate.PUT_OFF] = [f"{graced.policy_id}.{graced.number}"]
    assert door.look(session=session, user_id=user.pk, at=clock.now()).asking == ()
    assert graced.effective_at
    end = graced.effective_at + timedelta(days=10)
    assert door.look(session=session, user_id=user.pk, at=end - timedelta(seconds=1)).blocking == ()
    assert door.look(session=session, user_id=user.pk, at=end).blocking == (graced.policy_id,)


def test_a_session_that_put_it_off_costs_no_query(graced: Version, django_assert_num_queries: Any) -> None:
    user, door = people.uma(), gate.Gate()
    session: dict[str, Any] = {gate.PUT_OFF: [f"{graced.policy_id}.{graced.number}"]}
    door.look(session=session, user_id=user.pk, at=clock.now())
    with django_assert_num_queries(0):
        door.look(session=session, user_id=user.pk, at=clock.now())


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_every_method_is_held(signed_in: Client, version: Version, method: Any) -> None:
    assert getattr(signed_in, method)(PRODUCT).status_code == 403


def test_a_program_is_told_what_to_do(signed_in: Client, version: Version) -> None:
    response = signed_in.get(PRODUCT, headers={"Accept": "application/json"})
    assert response.status_code == 403
    assert response.headers["Content-Type"] == "application/problem+json"
    assert '<http://127.0.0.1:8000/p/terms/>; rel="terms-of-service"' in response.headers["Link"]
    assert response.json()["policies"][0]["accept_url"] == "http://127.0.0.1:8000/review/terms/"


NO_PAGE: list[dict[str, str]] = [
    {"X-Requested-With": "XMLHttpRequest"},
    {"HX-Request": "true", "Accept": "text/html"},
    {"Sec-Fetch-Dest": "empty", "Accept": "*/*"},
    {"Sec-Fetch-Dest": "image", "Accept": "image/avif,image/webp,*/*;q=0.8"},
    {"Sec-Fetch-Dest": "script", "Accept": "*/*"},
    {"Accept": "*/*"},
    {"Accept": "application/json, text/html;q=0.5"},
]


@pytest.mark.parametrize("headers", NO_PAGE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_no_window_shows_is_told_in_json(
    signed_in: Client, version: Version, method: str, headers: dict[str, str]
) -> None:
    response = getattr(signed_in, method)(PRODUCT, headers=headers)
    assert (response.status_code, response.headers["Content-Type"]) == (403, "application/problem+json")


@pytest.mark.parametrize("dest", ["document", "iframe"])
def test_what_a_window_shows_is_the_question(signed_in: Client, version: Version, dest: str) -> None:
    response = signed_in.get(PRODUCT, headers={"Sec-Fetch-Dest": dest, "Accept": "*/*"})
    assert response.headers["Location"].startswith("/review/terms/")


@pytest.mark.parametrize(
    "address", ["/account/", "/account/export/", "/account/leave/", "/review/", "/p/terms/", "/sign-in/logout/"]
)
def test_reading_exporting_and_leaving_stay_open(signed_in: Client, version: Version, address: Any) -> None:
    assert signed_in.get(address).status_code == 200


def test_undoing_elsewhere_closes_it_in_every_session(signed_in: Client, version: Version) -> None:
    act = agree(version)
    assert signed_in.get(PRODUCT).status_code == 200
    acceptance.withdraw(act=act, person=uma(), how=BY_FORM, at=clock.now())
    another_process = gate.Gate()
    session = dict(signed_in.session)
    assert another_process.look(session=session, user_id=people.uma().pk, at=clock.now()).blocking == (
        version.policy_id,
    )


def test_a_hot_session_costs_no_query_and_a_cold_one_costs_one(
    version: Version, django_assert_num_queries: Any
) -> None:
    agree(version)
    user, door = people.uma(), gate.Gate()
    session: dict[str, Any] = {}
    with django_assert_num_queries(1):
        assert door.look(session=session, user_id=user.pk, at=clock.now()).blocking == ()
    with django_assert_num_queries(0):
        assert door.look(session=session, user_id=user.pk, at=clock.now()).blocking == ()
    with django_assert_num_queries(1):
        assert door.look(session={}, user_id=user.pk, at=clock.now()).blocking == ()


def test_an_effective_date_is_enforced_the_moment_it_passes(version: Version) -> None:
    agree(version)
    user, door = people.uma(), gate.Gate()
    session: dict[str, Any] = {}
    upcoming = asking_version(version.policy, effective_at=in_days(1), published_at=clock.now())
    at = upcoming.effective_at
    assert at is not None
    assert door.look(session=session, user_id=user.pk, at=at - timedelta(microseconds=1)).blocking == ()
    assert door.look(session=session, user_id=user.pk, at=at).blocking == (version.policy_id,)


def test_a_new_version_is_enforced_within_a_second(version: Version) -> None:
    agree(version)
    user, door = people.uma(), gate.Gate()
    session: dict[str, Any] = {}
    door.look(session=session, user_id=user.pk, at=clock.now())
    published_at = clock.now()
    asking_version(version.policy, effective_at=published_at, published_at=published_at)
    door._read_at -= gate.REREAD_SECONDS
    assert door.look(session=session, user_id=user.pk, at=clock.now()).blocking == (version.policy_id,)


def test_a_lapsed_acceptance_closes_it(version: Version) -> None:
    policy = asking_policy(renewal_months=1)
    agree(version)
    agree(asking_version(policy, effective_at=days_ago(1), published_at=days_ago(9)))
    user, door = people.uma(), gate.Gate()
    session: dict[str, Any] = {}
    assert door.look(session=session, user_id=user.pk, at=clock.now()).blocking == ()
    assert door.look(session=session, user_id=user.pk, at=in_days(32)).blocking == (policy.pk,)


def test_visitors_and_people_without_an_account_are_not_held_by_the_gate(client: Client, version: Version) -> None:
    assert client.get(PRODUCT).headers["Location"].startswith("/sign-in/")
    client.force_login(people.edith())
    assert client.get(PRODUCT).status_code == 200


def test_the_gate_does_not_touch_the_session_of_other_pages(version: Version) -> None:
    assert not Client().get("/p/terms/").cookies


def test_a_form_that_was_held_back_is_kept_until_it_can_be_sent(signed_in: Client, version: Version) -> None:
    page = signed_in.post(PRODUCT, {"name": "Night drive", "tags": ["slow", "loud"]})
    assert "after your answer you can send it" in page.content.decode()
    receipt = signed_in.get(f"/account/receipts/{agree(version).subject_ref}/").content.decode()
    for field in ('name="name" value="Night drive"', 'name="tags" value="slow"', 'name="tags" value="loud"'):
        assert field in receipt
    assert "Your mix was saved" in signed_in.post(PRODUCT, {"name": "Night drive"}).content.decode()
    assert "Send it now" not in signed_in.get(f"/account/receipts/{Act.objects.get().subject_ref}/").content.decode()


def test_a_form_from_elsewhere_is_not_kept(version: Version) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.uma())
    assert client.post(PRODUCT, {"name": "planted"}).status_code == 403
    assert gate.WATERMARK not in client.session
    assert "planted" not in str(dict(client.session))


def test_a_form_too_long_to_keep_says_so(signed_in: Client, version: Version) -> None:
    assert "could not be kept" in signed_in.post(PRODUCT, {"name": "x" * 70_000}).content.decode()
