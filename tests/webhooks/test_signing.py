"""Our signatures, as the specification's own reference library checks them."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from standardwebhooks import Webhook, WebhookVerificationError

from policies import clock
from policies.models import JobSlot, WebhookEndpoint
from policies.webhooks import endpoints, signing
from tests import people
from tests.webhooks import listening

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

BODY = '{"data":{"ä":1},"type":"version.published"}'


def signed(endpoint: WebhookEndpoint, **at: float) -> dict[str, str]:
    when = clock.now() + timedelta(**at)
    return signing.headers(endpoint=endpoint, message_id="msg_1", body=BODY.encode(), at=when)


def is_good(secret: str, headers: dict[str, str], body: str = BODY) -> bool:
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


def test_the_reference_library_takes_what_we_sign_and_nothing_else() -> None:
    endpoint, secret = add()
    headers = signed(endpoint)
    assert is_good(secret, headers)
    assert not is_good(secret, headers, BODY + " ")
    assert not is_good(secret, {**headers, "webhook-id": "msg_2"})
    assert not is_good(secret, {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)})
    assert not is_good(signing.secret_of("0" * 64), headers)


def test_it_refuses_what_is_older_than_five_minutes() -> None:
    endpoint, secret = add()
    assert not is_good(secret, signed(endpoint, minutes=-6))


def test_the_receiver_of_the_documentation_hears_nothing_twice_and_nothing_old() -> None:
    endpoint, secret = add()
    heard: list[Any] = []
    hook = documented_receiver(secret, heard)
    now = signed(endpoint)
    assert [call(hook, now) for _ in range(3)] == [204, 204, 204]
    assert [message["type"] for message in heard] == ["version.published"]
    # What somebody overheard: later, with another id, with a newer timestamp, as another message.
    old = signed(endpoint, minutes=-6)
    assert call(hook, {**old, "webhook-id": "msg_2"}) == 400
    assert call(hook, {**now, "webhook-id": "msg_2"}) == 400
    assert call(hook, {**old, "webhook-timestamp": now["webhook-timestamp"]}) == 400
    assert call(hook, now, BODY.replace("ä", "ö")) == 400
    assert call(hook, {}) == 400
    assert len(heard) == 1


def documented_receiver(secret: str, heard: list[Any]) -> Any:
    """The example of docs/integrating.md as it stands there."""
    text = (Path(__file__).parents[2] / "docs" / "integrating.md").read_text()
    (example,) = [each for each in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "standardwebhooks" in each]
    names: dict[str, Any] = {"Heard": JobSlot, "handle": heard.append}
    exec(example.replace("whsec_...", secret), names)  # noqa: S102 - our own document
    return names["hook"]


def call(hook: Any, headers: dict[str, str], body: str = BODY) -> int:
    request = RequestFactory().post("/hook", body.encode(), content_type="application/json", headers=headers)
    return int(hook(request).status_code)


def test_for_a_day_both_secrets_sign() -> None:
    endpoint, former = add()
    new = endpoints.change_secret(endpoint=endpoint, by=people.edith(), at=clock.now())
    assert new != former
    headers = signed(endpoint)
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert is_good(former, headers)
    assert is_good(new, headers)
    late = signing.headers(
        endpoint=endpoint, message_id="msg_1", body=BODY.encode(), at=clock.now() + timedelta(hours=24)
    )
    assert len(late["webhook-signature"].split(" ")) == 1


def test_a_changed_key_of_the_site_is_phased_in(settings: Any) -> None:
    endpoint, secret = add()
    former, settings.WEBHOOK_KEY = settings.WEBHOOK_KEY, "another-key"
    assert not is_good(secret, signed(endpoint))
    settings.WEBHOOK_KEY_FALLBACKS = [former]
    assert is_good(secret, signed(endpoint))
    assert is_good(signing.secret_of(endpoint.secret_nonce), signed(endpoint))


def test_the_database_alone_can_sign_nothing() -> None:
    endpoint, secret = add()
    assert secret.removeprefix("whsec_") not in str(WebhookEndpoint.objects.values().get(pk=endpoint.pk))


def add() -> tuple[WebhookEndpoint, str]:
    url = "http://127.0.0.1:9/"
    return endpoints.add(name="Studio", url=url, kinds=["version.published"], by=people.edith(), at=listening.LONG_AGO)
