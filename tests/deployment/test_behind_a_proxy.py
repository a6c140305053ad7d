"""The site behind a real nginx and a real Caddy, configured as the manual says."""

import http.client
import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.message import Message
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings

from policies import clock
from policies.acceptance import handover
from policies.models import Act, NoticeSeen
from policies.notices.on_site import host_tokens
from policysite.running import processes, supervisor
from tests import people as cast
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.browser import OpenPage
from tests.factories import days_ago
from tests.journeys.cast import Mailbox, Somebody, wait_for
from tests.notices import telling
from tests.services.deployment import Deployment
from tests.services.proxy import Proxy, missing
from tests.smtp_sink import Sink

KEY = "shared by the product and this site, and by nobody else"
FOLLOWS_A_MINUTE = 5


@pytest.fixture(params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, deployment: Deployment, tmp_path: Path) -> Iterator[Proxy]:
    """A deployment behind one of the two, which speaks TLS for it."""
    if why := missing(request.param):
        pytest.skip(why)
    proxy = Proxy(request.param, tmp_path, port=processes.free_port(), upstream=deployment.port)
    deployment.settings |= {
        "SITE_URL": proxy.url,
        "TRUSTED_PROXIES": "1",
        "HOST_KEY": KEY,
        "METRICS_TOKEN": "",
        "RECORD_NETWORK_ADDRESS": "1",
    }
    asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))
    command = [*map(str, supervisor.WEB), "--port", str(deployment.port), "policysite.wsgi:application"]
    web = deployment.start("web", command)
    deployment.wait_for(web, name="web", is_ready=lambda: processes.answers(deployment.port))
    process = proxy.start()
    yield proxy
    processes.stop(process)


@contextmanager
def product(html: str) -> Iterator[str]:
    """A page of the organization's product, on an origin of its own; its address."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


@dataclass
class Answer:
    status: int
    headers: Message
    body: str


def answer_of(
    connection: http.client.HTTPConnection, method: str, path: str, body: str | None, given: dict[str, str]
) -> Answer:
    with closing(connection):
        connection.request(method, path, body, given)
        with connection.getresponse() as response:
            return Answer(response.status, response.headers, response.read().decode())


@dataclass
class Caller:
    """Somebody at an address of their own, through the proxy."""

    proxy: Proxy
    at: str = "127.0.0.1"

    def ask(self, method: str, path: str, body: dict[str, str] | None = None, **headers: str) -> Answer:
        context = ssl.create_default_context(cafile=self.proxy.folder / "authority.pem")
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.proxy.port, context=context, source_address=(self.at, 0), timeout=20
        )
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if body:
            given |= {"Content-Type": "application/x-www-form-urlencoded"}
        return answer_of(connection, method, path, urlencode(body) if body else None, given)

    def follow(self, n: int, **headers: str) -> int:
        token, cookie = self.form("/p/terms/follow/")
        given = {"address": f"a{n}@example.org", "consent": "on", "csrfmiddlewaretoken": token}
        return self.ask(
            "POST", "/p/terms/follow/", given, Cookie=cookie, Referer=self.proxy.url + "/", **headers
        ).status

    def form(self, path: str) -> tuple[str, str]:
        """A page's token against forged forms, and its cookies."""
        page = self.ask("GET", path)
        cookie = "; ".join(value.partition(";")[0] for value in page.headers.get_all("Set-Cookie") or [])
        return page.body.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0], cookie


def everybody_is_somebody_of_their_own_and_says_so_in_vain(proxy: Proxy) -> None:
    one, other = Caller(proxy, "127.0.0.2"), Caller(proxy, "127.0.0.3")
    answers = [
        one.follow(n, X_Forwarded_For=f"198.51.100.{n}", X_Real_Ip="192.0.2.1") for n in range(FOLLOWS_A_MINUTE + 1)
    ]
    assert answers[-1] == 429
    assert 429 not in answers[:-1]
    assert other.follow(99) != 429


def https_is_said_by_the_proxy_alone(proxy: Proxy, deployment: Deployment) -> None:
    assert Caller(proxy).ask("GET", "/p/terms/").status == 200
    assert Caller(proxy).ask("GET", "/p/terms/", X_Forwarded_Proto="http").status == 200
    plain = http.client.HTTPConnection("127.0.0.1", deployment.port, timeout=20)
    answer = answer_of(plain, "GET", "/p/terms/", None, {})
    assert (answer.status, answer.headers["Location"]) == (301, f"https://127.0.0.1:{deployment.port}/p/terms/")


def nobody_behind_the_proxy_is_an_operator(proxy: Proxy) -> None:
    assert Caller(proxy).ask("GET", "/metrics").status == 404
    assert Caller(proxy).ask("GET", "/metrics", X_Forwarded_For="127.0.0.1").status == 404
    assert Caller(proxy).ask("GET", "/metrics", Forwarded="for=127.0.0.1").status == 404
    health = Caller(proxy).ask("GET", "/health/")
    assert (health.status, json.loads(health.body)) == (200, {"database": "ok"})


def a_large_file_is_turned_away_and_a_page_below_a_path_is_none(proxy: Proxy) -> None:
    with suppress(OSError):  # some answer, and hang up before all of it was sent
        assert Caller(proxy).ask("POST", "/sign-in/person/", {"address": "x" * 7_000_000}).status == 413
    assert Caller(proxy).ask("GET", "/policies/p/terms/").status == 404


def test_callers_are_told_apart_and_believed_nothing(proxy: Proxy, deployment: Deployment) -> None:
    everybody_is_somebody_of_their_own_and_says_so_in_vain(proxy)
    https_is_said_by_the_proxy_alone(proxy, deployment)
    nobody_behind_the_proxy_is_an_operator(proxy)
    a_large_file_is_turned_away_and_a_page_below_a_path_is_none(proxy)


def test_a_person_signs_in_by_code_and_answers(proxy: Proxy, smtp_sink: Sink, open_page: OpenPage) -> None:
    person = uma()
    somebody = Somebody(person.address, open_page(ignore_https_errors=True), Mailbox(smtp_sink), proxy.url)
    somebody.go("/sign-in/person/")
    somebody.type_code()
    page = somebody.go("/review/terms/")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Accept Terms of Service").click()
    page.get_by_role("heading", name="You accepted the Terms of Service").wait_for()
    assert Act.objects.filter(kind="agreed").count() == 1
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert {"__Host-session", "__Secure-known"} <= set(cookies)
    assert all(cookie["secure"] for cookie in cookies.values())


def test_a_product_hands_somebody_over(proxy: Proxy, open_page: OpenPage) -> None:
    token = handover.issue(person=uma(), return_to="", source="Studio", at=clock.now())
    page = open_page(ignore_https_errors=True)
    page.goto(f"{proxy.url}/hand-over/{token}/")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Accept Terms of Service").click()
    page.get_by_role("heading", name="You accepted the Terms of Service").wait_for()


def test_the_notice_shows_in_a_product_on_another_origin(
    proxy: Proxy, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "HOST_KEY", KEY)
    cast.uma()
    telling.open_notice(telling.told_version())
    token = host_tokens.sign("uma", expires_at=clock.now() + timedelta(hours=1))
    html = (
        '<!doctype html><title>Product</title><link rel="icon" href="data:,">'
        f'<script type="module" src="{proxy.url}/embed/notice.js" data-token="{token}"></script><p>Work</p>'
    )
    page = open_page(ignore_https_errors=True)
    with product(html) as address:
        page.goto(address)
        page.get_by_text("changes on").wait_for()
        wait_for(lambda: NoticeSeen.objects.filter(place="product").exists(), what="the sight on record")
