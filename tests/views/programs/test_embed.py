"""The notice outside this site: the status an app polls, its acknowledgement, the banner in the product."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from policies import clock
from policies.models import Act, NoticeSeen, Person, Version
from policies.notices.on_site import host_tokens
from tests import factories, people
from tests.notices.telling import told_version

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _host_key(settings: Any) -> None:
    settings.HOST_KEY = "the host and this site share it" * 2


def token(external_id: str = "uma", *, hours: float = 1) -> str:
    people.uma()
    return host_tokens.sign(external_id, expires_at=clock.now() + timedelta(hours=hours))


def ask(token: str) -> Any:
    return Client().get("/embed/notices.json", HTTP_AUTHORIZATION=f"Bearer {token}")


def ack(version: Version, token: str, **fields: object) -> Any:
    body = {"policy": version.policy.slug, "version": version.number, **fields}
    return Client(enforce_csrf_checks=True).post(
        "/api/v1/ack", json.dumps(body), content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {token}"
    )


def test_an_app_learns_what_is_coming_and_can_check_who_says_so(settings: Any) -> None:
    version = told_version()
    answer = Client().get(f"/api/v1/policies/{version.policy.slug}/status?installed=1")
    said = answer.json()
    assert (said["in_force"]["version"], said["upcoming"][0]["version"], said["is_current"]) == (1, 2, False)
    public = Ed25519PrivateKey.from_private_bytes(settings.LEDGER_KEY).public_key()
    public.verify(base64.b64decode(answer.headers["Policy-Signature"]), answer.content)


def test_what_did_not_change_is_not_sent_again() -> None:
    url = f"/api/v1/policies/{told_version().policy.slug}/status?installed=2"
    etag = Client().get(url).headers["ETag"]
    assert Client().get(url, HTTP_IF_NONE_MATCH=etag).status_code == 304


@pytest.mark.parametrize("query", ["installed=-1", "installed=x", "installed=99999999999999999999"])
def test_a_wrong_number_is_refused(query: str) -> None:
    assert Client().get(f"/api/v1/policies/{told_version().policy.slug}/status?{query}").status_code == 422


def test_the_organizations_own_words_stand_before_the_notice() -> None:
    told_version()
    assert ask(token()).json()["introduction"] == {"words": "", "language": ""}
    factories.make_look(used_at=clock.now(), words={"en": {"notice": "Questions? Ask us."}})
    assert ask(token()).json()["introduction"] == {"words": "Questions? Ask us.", "language": "en"}


def test_an_app_acknowledges_once_and_accepts_nothing_by_it() -> None:
    version = told_version()
    first, second = ack(version, token()), ack(version, token())
    assert first.json() == second.json()
    assert NoticeSeen.objects.get().place == "app"
    assert not Act.objects.exists()


def test_the_product_shows_the_notice_until_it_is_put_away() -> None:
    version = told_version()
    (notice,) = ask(token()).json()["notices"]
    assert "Privacy Policy" in notice["words"]
    ack(version, token(), place="product", noted=True)
    assert ask(token()).json()["notices"] == []


def test_app_and_product_are_told_in_their_readers_language_what_changed() -> None:
    version = told_version(translations={"de": "Kurz.\n"}, answers={"de": factories.GERMAN})
    status = f"/api/v1/policies/{version.policy.slug}/status?installed=1"
    for language, why in (("de", factories.GERMAN["why"]), ("fr", factories.MATERIAL["why"])):
        summary = Client().get(f"{status}&language={language}").json()["upcoming"][0]["summary"]
        assert (summary["language"], summary["why"]) == ("de" if language == "de" else "en", why)
    assert Client().get(status).json()["upcoming"][0]["summary"]["language"] == "en"
    signed = token()
    Person.objects.update(language="de")
    (notice,) = ask(signed).json()["notices"]
    assert notice["summary"] == {"language": "de", **factories.GERMAN}


@pytest.mark.parametrize("hours", [-1, 48])
def test_a_token_has_its_time(hours: float) -> None:
    told_version()
    assert ask(token(hours=hours)).status_code == 401


@pytest.mark.parametrize("forged", ["", "x", "e30.x", "a.b.c", "💥.💥"])
def test_a_forged_token_opens_nothing(forged: str) -> None:
    version = told_version()
    forged = forged.encode().decode("latin-1")
    assert ask(forged).status_code == 401
    assert ack(version, forged).status_code == 401
    other = token().split(".")[0] + "." + token("somebody").split(".")[1]
    assert ask(other).status_code == 401


def test_without_a_key_nobody_is_let_in(settings: Any) -> None:
    signed = token()
    settings.HOST_KEY = ""
    assert ask(signed).status_code == 401


def test_other_origins_may_ask_and_bring_no_cookie() -> None:
    told_version()
    answer = Client().options("/api/v1/ack")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert Client().get("/embed/notice.js").headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("body", ["", "[]", "{", '{"policy": 1}', '{"policy": "x", "version": true}', "x" * 5000])
def test_a_wrong_acknowledgement_says_what_is_needed(body: str) -> None:
    factories.make_version()
    answer = Client().post("/api/v1/ack", body, content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {token()}")
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
