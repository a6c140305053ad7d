"""No address, name or token in the log, and one event a line."""

import json
import logging
import logging.config
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO

import pytest
from django.core import mail
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from policies.models import Act, JobSlot
from policysite import logs
from tests import factories, people
from tests.acceptance.asking import asking_policy, asking_version
from tests.factories import BODY, NEXT_BODY, days_ago, in_days
from tests.journeys.cast import wait_for
from tests.notices import telling
from tests.services.deployment import Deployment
from tests.smtp_sink import Sink


def formatter(form: str) -> logging.Formatter:
    settings = logs.configuration(form=form, level="DEBUG")["formatters"]["event"]
    made: logging.Formatter = settings["()"](**{key: value for key, value in settings.items() if key != "()"})
    return made


def logged(text: str, *, form: str = "json", error: BaseException | None = None) -> str:
    raised = (type(error), error, error.__traceback__) if error else None
    return formatter(form).format(logging.LogRecord("a.logger", logging.WARNING, "", 1, text, (), raised))


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Everything that is logged, at every level, as production writes it."""
    output = StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(formatter("json"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield output
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize(
    "secret",
    ["uma@example.org", "Uma.Berg+x@mail.example.co.uk", "uma%40example.org", "üma@exämple.org", "psk_abcDEF-123"],
)
@pytest.mark.parametrize("form", logs.FORMATS)
def test_the_last_guard(secret: str, form: str) -> None:
    for text in (f"550 <{secret}> unknown", secret, f"x={secret}&y", f"To: {secret}, and others"):
        assert secret not in logged(text, form=form)
        assert secret not in logged("Failed.", form=form, error=ValueError(text))


def test_links_that_carry_a_right_are_cut_and_others_are_not() -> None:
    assert "[token]" in logged("Not Found: /follow/confirm/aB3:xyz/")
    for path in ("/follow/confirm/aB3:xyz/", "/follow/aB3:xyz/", "/de/hand-over/aB3:xyz/"):
        assert "aB3" not in logged(f"Not Found: {path}")
    assert "/p/terms/follow/" in logged("Not Found: /p/terms/follow/")
    assert "redis://:[password]@127.0.0.1:6379/0" in logged("Cannot connect to redis://:hunter2@127.0.0.1:6379/0")
    assert "worker-1@stack ready" in logged("worker-1@stack ready")
    assert "Uma Berg" not in logged(
        "x", error=ValueError("duplicate key\nDETAIL:  Key (name)=(Uma Berg) already exists.")
    )


@given(st.text())
def test_nobody_writes_a_second_event(text: str) -> None:
    assert len(logged(text, form="json").splitlines()) == 1
    line, *more = logged("Failed.", form="line", error=ValueError(text)).splitlines()
    assert " WARNING a.logger" in line
    assert line.endswith(": Failed.")
    assert all(each.startswith("    ") for each in more)
    assert len(logged(text, form="line").splitlines()) == 1


@pytest.mark.django_db
def test_a_sign_in_a_notice_and_an_answer_leave_nobody_in_the_log(log: StringIO, smtp_sink: Sink) -> None:
    policy = asking_policy(slug="terms")
    asking_version(policy, effective_at=days_ago(60), published_at=days_ago(61), body=BODY)
    uma = people.uma()
    soon = {"published_at": days_ago(0.01), "effective_at": in_days(30)}
    version = asking_version(policy, body=NEXT_BODY, tells_people=True, **soon)
    telling.send_all(telling.open_notice(version), smtp_sink)
    client = sign_in(uma.email)
    page = client.get("/review/terms/").content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    client.post("/review/terms/", {**fields, "answer": "accept", "agree": "yes"})
    assert Act.objects.filter(kind=Act.Kind.AGREED).exists()
    client.get("/no-such-page/uma@example.org/")
    said = log.getvalue()
    assert said
    assert [word for word in ("uma@", "Uma Berg", "Uma", "Berg") if word in said] == []


def sign_in(address: str) -> Client:
    """By a code that is mailed, as everybody signs in."""
    client = Client()
    client.post("/sign-in/login/code/", {"email": address})
    code = re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code, mail.outbox[-1].body
    client.post("/sign-in/login/code/confirm/", {"code": code[1]})
    assert "_auth_user_id" in client.session
    return client


def test_a_web_server_logs_json_with_the_id_of_the_request(deployment: Deployment) -> None:
    deployment.settings["LOG_FORMAT"] = "json"
    deployment.start_web()
    url = f"{deployment.url}/no%0D%0Aforged%20line/"
    assert id_of_answer(url, request_id="from-the-proxy-1") == "from-the-proxy-1"
    events = [json.loads(line) for line in deployment.log("web").read_text().splitlines() if line.startswith("{")]
    (event,) = [event for event in events if "forged" in event["event"]]
    assert event["request_id"] == "from-the-proxy-1"
    assert event["level"] == "warning"


def id_of_answer(url: str, *, request_id: str) -> str:
    """Ask for a page that is not there; returns the id its answer has."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(url, headers={"X-Request-ID": request_id}))  # noqa: S310
    with refused.value as answer:
        return str(answer.headers["X-Request-ID"])


@pytest.mark.django_db
def test_an_id_that_could_forge_something_is_not_kept() -> None:
    kept = Client().get("/health/", headers={"x-request-id": "a b\r\nc"}).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", kept)


def test_a_line_of_the_access_log_names_a_view_and_nobody(deployment: Deployment) -> None:
    deployment.settings["LOG_FORMAT"] = "json"
    factories.make_version(policy=factories.make_policy(slug="terms"))
    deployment.start_web()
    secrets = ("follow/aB3:xyz/", "follow/confirm/aB3:xyz/", "hand-over/aB3:xyz/", "p/terms/?as_of=2020-01-01&x=uma")
    for address in (*secrets, "health/", "p/terms/", "no-such-page/uma@example.org/"):
        with suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{deployment.url}/{address}").close()  # noqa: S310 - our own server
    said = deployment.log("web").read_text()
    lines = [json.loads(line) for line in said.splitlines() if '"policies.access"' in line]
    known = {"event", "level", "logger", "timestamp", "request_id", "method", "view", "status", "bytes", "ms"}
    assert {name for line in lines for name in line} == known
    by_view = {line["view"]: line for line in lines}
    assert by_view["policies:policy"] | {"method": "GET", "status": 200} == by_view["policies:policy"]
    assert by_view["policies:policy"]["bytes"] > 1000
    assert {"policies:stop_following", "policies:confirm_following", "policies:hand_over", "none"} <= set(by_view)
    assert "policies:health" not in by_view
    assert [word for word in ("aB3", "as_of", "127.0.0.1", "uma", "terms") if word in str(lines)] == []


def test_there_is_no_access_log_where_none_is_wanted(client: Client, settings: Settings, log: StringIO) -> None:
    client.get("/robots.txt")
    assert "policies.access" in log.getvalue()
    before = log.getvalue()
    settings.ACCESS_LOG = False
    client.get("/robots.txt")
    assert log.getvalue() == before


def test_bells_that_bring_nothing_leave_no_line(deployment: Deployment) -> None:
    deployment.settings |= {"SWEEP_SECONDS": "1", "LOG_FORMAT": "json"}
    deployment.start_worker(beat=True)
    began = deployment.log("worker").read_text()

    def slot() -> int:
        return JobSlot.objects.filter(name="tick").values_list("last_slot", flat=True).first() or 0

    wait_for(lambda: slot() > 0, what="a first bell")
    first = slot()
    wait_for(lambda: slot() >= first + 6, what="six more bells")
    assert deployment.log("worker").read_text()[len(began) :].splitlines()[1:] == []


def test_what_fails_is_told_all_the_same() -> None:
    for level, least in (("INFO", logging.WARNING), ("DEBUG", logging.NOTSET)):
        loggers = logs.configuration(form="json", level=level)["loggers"]
        assert {logging.getLevelName(loggers[name]["level"]) for name in logs.BELLS} == {least}
