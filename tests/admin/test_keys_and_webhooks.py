"""What an integrator does at the desk: keys and webhooks, whose secrets are seen once."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from standardwebhooks import Webhook

from policies import clock
from policies.models import ApiKey, AuditEvent, WebhookDelivery, WebhookEndpoint
from policies.webhooks import dispatch
from tests import factories
from tests.admin.conftest import SignIn
from tests.webhooks import listening
from tests.webhooks.receiver import receiving

pytestmark = pytest.mark.django_db

KEYS, WEBHOOKS = "/admin/policies/apikey/", "/admin/policies/webhookendpoint/"


@pytest.fixture
def client(sign_in: SignIn) -> Client:
    user = factories.make_user(is_staff=True)
    user.groups.add(Group.objects.get(name="integrator"))
    return sign_in(user)


def secret_on(answer: Any) -> str:
    found = re.search(r'class="desk-secret">([^<]+)<', answer.content.decode())
    assert found, answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    return found[1]


def test_a_key_is_made_shown_once_used_and_revoked(client: Client) -> None:
    made = client.post(f"{KEYS}add/", {"name": "Studio", "scopes": ["people:read"], "days": "30"})
    secret, key = secret_on(made), ApiKey.objects.get()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/people/nobody", headers=bearer).status_code == 404
    key.refresh_from_db()
    assert key.last_used_at
    assert secret not in client.get(KEYS).content.decode()
    assert client.post(f"{KEYS}{key.pk}/revoke/").status_code == 302
    assert Client().get("/api/v1/people/nobody", headers=bearer).status_code == 401
    verbs = list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["key.created", "key.revoked"]


def test_the_list_says_of_each_key_how_it_stands(client: Client) -> None:
    for fields in ({}, {"revoked_at": clock.now()}, {"expires_at": factories.days_ago(1)}):
        ApiKey.objects.create(name="K", secret_sha256=str(fields)[:64], created_at=clock.now(), **fields)
    page = client.get(KEYS).content.decode()
    assert all(word in page for word in ("Revoke…", "revoked", "expired"))


def add(client: Client, url: str) -> Any:
    return client.post(f"{WEBHOOKS}add/", {"name": "Studio", "url": url, "kinds": ["version.published"]})


def test_a_webhook_is_added_tested_and_checked_with_its_secret(client: Client) -> None:
    with receiving() as there:
        secret = secret_on(add(client, there.url))
        endpoint = WebhookEndpoint.objects.get()
        assert client.post(f"{WEBHOOKS}{endpoint.pk}/test/").status_code == 302
        assert listening.call_all() == 1
    (call,) = there.calls
    assert Webhook(secret).verify(call.body, call.headers)["type"] == "webhook.test"
    page = client.get(f"{WEBHOOKS}{endpoint.pk}/change/").content.decode()
    assert all(word in page for word in ("webhook.test", "delivered", "status 204"))
    assert secret not in page


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://169.254.169.254/", "169.254.169.254 is not a public address."),
        ("https://10.0.0.1/", "10.0.0.1 is not a public address."),
        ("ftp://x/", "has to begin with https://"),
        ("https://a:b@c.example/", "cannot hold a name or a password"),
    ],
)
def test_an_address_that_may_not_be_called_is_refused_with_the_reason(client: Client, url: str, reason: str) -> None:
    answer = add(client, url)
    assert (answer.status_code, WebhookEndpoint.objects.exists()) == (409, False)
    assert reason in answer.content.decode()


def test_a_webhook_is_changed_turned_off_and_on(client: Client) -> None:
    with receiving() as there, receiving() as other:
        add(client, there.url)
        page = f"{WEBHOOKS}{WebhookEndpoint.objects.get().pk}"
        assert there.url.replace("&", "&amp;") in client.get(f"{page}/edit/").content.decode()
        client.post(f"{page}/edit/", {"name": "New", "url": other.url, "kinds": ["act.recorded"]})
        client.post(f"{page}/off/", {"reason": "Rebuilt"})
        assert "Rebuilt" in client.get(f"{page}/change/").content.decode()
        client.post(f"{page}/on/")
    found = WebhookEndpoint.objects.get()
    assert (found.name, found.url, found.kinds, found.disabled_at) == ("New", other.url, ["act.recorded"], None)


def test_a_message_that_was_given_up_is_sent_again(client: Client) -> None:
    with receiving() as there:
        endpoint = listening.endpoint(there.url)
        listening.message()
        WebhookDelivery.objects.update(state="failed", finished_at=clock.now())
        delivery = listening.delivery()
        page = f"{WEBHOOKS}{endpoint.pk}/again/{delivery.pk}/"
        assert page in client.get(f"{WEBHOOKS}{endpoint.pk}/change/").content.decode()
        assert client.post(page).status_code == 302
        assert client.post(page).status_code == 409
        assert dispatch.work(until=float("inf"), now=clock.now) == 1
    assert len(there.calls) == 1


def test_another_webhooks_message_is_not_sent_from_here(client: Client) -> None:
    listening.endpoint()
    listening.message()
    other = listening.endpoint()
    assert client.post(f"{WEBHOOKS}{other.pk}/again/{listening.delivery().pk}/").status_code == 404


def test_the_page_costs_the_same_for_many_messages(client: Client, django_assert_max_num_queries: Any) -> None:
    endpoint = listening.endpoint()
    for number in range(60):
        listening.message(str(number))
    with django_assert_max_num_queries(12):
        page = client.get(f"{WEBHOOKS}{endpoint.pk}/change/").content.decode()
    assert page.count("msg_") == 50


def test_buttons_want_a_token_against_forged_requests(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    for path in (f"{KEYS}add/", f"{WEBHOOKS}add/"):
        assert strict.post(path, {"name": "x"}).status_code == 403
