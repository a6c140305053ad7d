"""Web processes are started anew one after the other, behind nginx, while people ask: nobody notices."""

import http.client
import itertools
import json
import ssl
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from policies.notices.on_site import host_tokens
from policysite.running import processes, supervisor
from tests.acceptance.asking import asking_policy, asking_version, uma
from tests.drills import IS_WHOLE
from tests.factories import days_ago, in_days
from tests.services.deployment import Deployment
from tests.services.proxy import Proxy, missing

KEY = "shared by the product and this site, and by nobody else"
ROUNDS = 5 if IS_WHOLE else 1
CALLERS = 6 if IS_WHOLE else 2
# As policysite-web@.service has it: later options count.
OPTIONS = ["--workers-kill-timeout", "20"]
pytestmark = pytest.mark.skipif(bool(missing("nginx")), reason=missing("nginx"))


@dataclass
class Site:
    """Two processes for pages, and nginx in front of them."""

    deployment: Deployment
    proxy: Proxy
    ports: tuple[int, int]
    web: dict[int, processes.Process] = field(default_factory=dict)

    def start(self, port: int) -> None:
        """Start a process for pages, and wait until it says that it is well."""
        command = [*map(str, supervisor.WEB), "--port", str(port), *OPTIONS, supervisor.TARGET]
        name = f"web-{port}"
        self.web[port] = self.deployment.start(name, command)
        self.deployment.wait_for(self.web[port], name=name, is_ready=lambda: is_well(port, host=self.proxy.port))

    def restart(self, port: int) -> int:
        """As `systemctl restart policysite-web@PORT` does; returns the code it ended with."""
        before = self.web[port]
        processes.ask(before)
        before.wait(timeout=40)
        self.start(port)
        return before.returncode


def is_well(port: int, *, host: int) -> bool:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            told = {"Host": f"127.0.0.1:{host}", "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}
            connection.request("GET", "/health/", headers=told)
            return connection.getresponse().status == 200
    except OSError:
        return False


@pytest.fixture
def site(deployment: Deployment, tmp_path: Path) -> Iterator[Site]:
    ports = processes.free_port(), processes.free_port()
    proxy = Proxy("nginx", tmp_path, port=processes.free_port(), upstream=ports[0], second=ports[1])
    deployment.settings |= {"SITE_URL": proxy.url, "TRUSTED_PROXIES": "1", "HOST_KEY": KEY}
    asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))
    uma()
    site = Site(deployment, proxy, ports)
    for port in ports:
        site.start(port)
    process = proxy.start()
    yield site
    processes.stop(process)


@dataclass
class Callers:
    """People who ask without a pause, each over a connection of their own that is kept; what they were answered."""

    proxy: Proxy
    token: str
    answers: Counter[str] = field(default_factory=Counter)
    is_over: threading.Event = field(default_factory=threading.Event)

    def call(self) -> None:
        context = ssl.create_default_context(cafile=self.proxy.folder / "authority.pem")
        with closing(
            http.client.HTTPSConnection("127.0.0.1", self.proxy.port, context=context, timeout=60)
        ) as connection:
            for method, path in itertools.cycle([("GET", "/p/terms/"), ("GET", "/"), ("POST", "/api/v1/ack")]):
                if self.is_over.is_set():
                    return
                self.answers[self._answer(connection, method, path)] += 1

    def _answer(self, connection: http.client.HTTPSConnection, method: str, path: str) -> str:
        body = json.dumps({"policy": "terms", "version": 1, "place": "app"}) if method == "POST" else None
        told = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} if body else {}
        try:
            connection.request(method, path, body, told)
            with connection.getresponse() as answer:
                answer.read()
                return f"{method} {answer.status}"
        except OSError as error:
            connection.close()
            return f"{method} {type(error).__name__}"


@contextmanager
def callers(proxy: Proxy, token: str) -> Iterator[Callers]:
    calling = Callers(proxy, token)
    threads = [threading.Thread(target=calling.call, daemon=True) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    try:
        yield calling
    finally:
        calling.is_over.set()
        for thread in threads:
            thread.join(60)


def test_no_request_fails_while_every_process_is_started_anew(
    site: Site, settings: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.HOST_KEY = KEY  # type: ignore[attr-defined]
    token = host_tokens.sign(str(uma().external_id), expires_at=in_days(0.5))
    with callers(site.proxy, token) as calling:
        wait_for_more(calling, than=20)
        for _round in range(ROUNDS):
            for port in site.ports:
                assert site.restart(port) == 0
                wait_for_more(calling, than=calling.answers.total() + 20)
    with capsys.disabled():
        print(f"\n{dict(calling.answers)} over {2 * ROUNDS} restarts", file=sys.stderr)  # noqa: T201 - the figure of a drill
    assert {answer.rpartition(" ")[2] for answer in calling.answers} <= {"200", "204"}, calling.answers


def wait_for_more(calling: Callers, *, than: int) -> None:
    deadline = time.monotonic() + 60
    while calling.answers.total() < than:
        assert time.monotonic() < deadline, calling.answers
        time.sleep(0.05)
