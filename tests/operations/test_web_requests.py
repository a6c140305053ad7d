"""Requests are counted by their views, over all processes for pages, and nothing of it grows for ever."""

import http.client
import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from policies import clock
from policies.operations import web_requests
from policysite import urls
from tests import factories
from tests.services.deployment import Deployment

TOKEN = "for-those-who-watch"
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("This view is broken.")


urlpatterns = [path("broken/", broken, name="broken"), *urls.urlpatterns]
handler500 = urls.handler500


def read(text: str) -> Figures:
    """What a scrape says, as Prometheus would read it."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(figures: Figures, name: str, **labels: str) -> float:
    return figures.get((f"policysite_{name}", frozenset(labels.items())), 0)


@pytest.mark.django_db
def test_views_are_counted_by_name_status_and_time(client: Client) -> None:
    policy = factories.make_version().policy
    before = read(client.get("/metrics").content.decode())
    for address in (f"/p/{policy.slug}/", f"/p/{policy.slug}/", "/p/nowhere/", "/no/such/page/", "/static/nothing.css"):
        client.get(address)
    after = read(client.get("/metrics").content.decode())

    def more(name: str, **labels: str) -> float:
        return of(after, name, **labels) - of(before, name, **labels)

    assert more("http_requests_total", view="policies:policy", status="200") == 2
    assert more("http_requests_total", view="policies:policy", status="404") == 1
    assert more("http_request_duration_seconds_count", view="policies:policy") == 3
    assert more("http_request_duration_seconds_bucket", view="policies:policy", le="+Inf") == 3
    assert more("http_request_duration_seconds_sum", view="policies:policy") > 0
    assert more("http_requests_total", view="none", status="404") == 1
    assert more("http_requests_total", view="static", status="404") == 1


@pytest.mark.django_db
def test_what_strangers_ask_for_makes_no_new_series(client: Client) -> None:
    def series() -> set[str]:
        return {labels["view"] for _name, labels, _value in web_requests._samples() if "view" in labels}

    client.get("/no/such/page/")
    known = series()
    for number in range(20):
        client.get(f"/made-up-{number}/", headers={"x-view": f"made-up-{number}"})
        client.generic(f"MADE{number}", f"/p/made-up-{number}/")
    assert series() - known <= {"policies:policy"}


@pytest.mark.django_db
def test_a_view_that_fails_is_counted_and_dated(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    began, client = time.time(), Client(raise_request_exception=False)
    assert client.get("/broken/").status_code == 500
    found = web_requests.by_view()["broken"]
    assert found.failed >= 1
    assert found.last_failed is not None
    assert began <= found.last_failed <= time.time()
    said = Client().get("/health/all/")
    assert said.status_code == 503
    assert [line for line in said.json()["pages"] if line.startswith("broken failed ")]
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=True):
        assert Client().get("/health/all/").json()["pages"] == "ok"


def test_all_processes_are_counted_together_and_on_after_their_ends(deployment: Deployment) -> None:
    deployment.settings["METRICS_TOKEN"] = TOKEN
    slug = factories.make_version().policy.slug
    deployment.start_web(workers=2)
    # Another one beside it, as while one is replaced.
    other = Deployment(deployment.database_url, deployment.folder, settings=deployment.settings)
    other.start_web()
    try:
        before = scrape(deployment)
        for _each in range(30):
            asked(deployment, f"/p/{slug}/?as_of=2100-01-01")
        asked(other, f"/p/{slug}/?as_of=2100-01-01")
        for site in (deployment, other):
            after = scrape(site)
            counted = {"view": "policies:policy", "status": "200"}
            assert of(after, "http_requests_total", **counted) - of(before, "http_requests_total", **counted) == 31
        for worker in children_of(deployment.running[0].pid):
            os.kill(worker, signal.SIGKILL)
    finally:
        other.stop()
        deployment.stop()
    deployment.start_web(workers=2)
    again = scrape(deployment)
    assert of(again, "http_requests_total", **counted) >= of(after, "http_requests_total", **counted)
    places = list((deployment.folder / "metrics").glob("*.lock"))
    assert len(places) <= 3
    assert len(list((deployment.folder / "metrics").iterdir())) <= 4 * 3


def test_hits_of_the_front_are_counted_within_a_second(deployment: Deployment) -> None:
    deployment.settings["METRICS_TOKEN"] = TOKEN
    slug = factories.make_version().policy.slug
    deployment.start_web(workers=2)

    def hits() -> float:
        # Any page lets a process look, and tell.
        asked(deployment, f"/p/{slug}/")
        return of(scrape(deployment), "front_requests_total", result="hit")

    asked(deployment, f"/p/{slug}/")
    before = hits()
    for _each in range(50):
        asked(deployment, f"/p/{slug}/")
    until(lambda: hits() >= before + 50 - 2)
    assert of(scrape(deployment), "front_requests_total", result="miss") >= 1


def test_a_file_that_a_crash_left_behind_is_made_anew(deployment: Deployment) -> None:
    folder = deployment.folder / "metrics"
    folder.mkdir()
    (folder / "counter_1.db").write_bytes(b"\xff\x00\x01\x00garbage" * 9_000)
    deployment.settings["METRICS_TOKEN"] = TOKEN
    deployment.start_web()
    assert of(scrape(deployment), "http_requests_total", view="policies:home", status="200") >= 1


def test_a_folder_that_cannot_be_written_keeps_no_page_away(deployment: Deployment, tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    deployment.settings |= {"METRICS_TOKEN": TOKEN, "METRICS_FOLDER": str(tmp_path / "a-file" / "below")}
    # The settings refuse it where it is plain; here it became so afterwards.
    deployment.settings["METRICS_FOLDER"] = "/proc/none"
    deployment.start_web()
    assert "METRICS_FOLDER" in deployment.log("web").read_text()
    assert of(scrape(deployment), "http_requests_total", view="policies:home", status="200") >= 1


def asked(site: Deployment, address: str, **headers: str) -> str:
    """By a connection of its own, so that any of the processes may take it."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    connection.request("GET", address, headers={"Host": site.url.removeprefix("http://"), **headers})
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


def scrape(site: Deployment) -> Figures:
    return read(asked(site, "/metrics", Authorization=f"Bearer {TOKEN}"))


def children_of(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def until(is_so: Callable[[], bool], *, within: float = 20) -> None:
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.2)
