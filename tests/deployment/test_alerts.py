"""
Alerts and the dashboard of `deploy/`: each alert fires when it should and is silent when all is well, and all that
they ask is asked of a real Prometheus that watches a real site.
"""

import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from django.db import connection

from policies import clock, ledger
from policysite.running import processes
from tests import factories
from tests.anchoring import authorities
from tests.operations.test_web_requests import asked
from tests.services.deployment import Deployment

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = [rule for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
NAMES = [rule["alert"] for rule in RULES]
TOKEN = "for-those-who-watch"
VIEW = 'view="policies:policy"'
# A site that does well, a value each five minutes: the one after the sign is added.
WELL = {
    'up{job="policysite",instance="a"}': "1x130",
    'policysite_build_info{version="1"}': "1x130",
    "policysite_database_up": "1x130",
    "policysite_guards_missing": "0x130",
    # A failure of long ago.
    f"policysite_http_last_failure_timestamp_seconds{{{VIEW}}}": "-4000x130",
    f'policysite_http_requests_total{{{VIEW},status="200"}}': "0+600x130",
    f'policysite_http_requests_total{{{VIEW},status="500"}}': "0+1x130",
    # It answers 503 to whoever watches, and that is right.
    'policysite_http_requests_total{view="policies:health_of_all",status="503"}': "0+600x130",
    f'policysite_http_request_duration_seconds_bucket{{{VIEW},le="0.1"}}': "0+590x130",
    f'policysite_http_request_duration_seconds_bucket{{{VIEW},le="2.5"}}': "0+600x130",
    f'policysite_http_request_duration_seconds_bucket{{{VIEW},le="10.0"}}': "0+600x130",
    f'policysite_http_request_duration_seconds_bucket{{{VIEW},le="+Inf"}}': "0+600x130",
    "policysite_sweep_age_seconds": "30x130",
    # At a low rate mails wait for long, and all is well while they go.
    'policysite_oldest_waiting_seconds{kind="notice_mails"}': "9000x130",
    'policysite_oldest_waiting_seconds{kind="receipts"}': "40x130",
    'policysite_late_after_seconds{kind="receipts"}': "3600x130",
    'policysite_late_after_seconds{kind="anchors"}': "7800x130",
    "policysite_delivery_attempts_total": "0+5x130",
    "policysite_notices_problems": "0x130",
    'policysite_notices{state="paused"}': "0x130",
    "policysite_mail_routes_held": "0x130",
    'policysite_deliveries{state="uncertain"}': "3x130",
    'policysite_deliveries{state="failed"}': "0+0.1x130",
    'policysite_deliveries{state="accepted"}': "0+100x130",
    'policysite_mail_faults{gravity="wrong"}': "0x130",
    'policysite_mail_faults{gravity="advice"}': "2x130",
    "policysite_ledger_seal_lag_seconds": "20x130",
    'policysite_ledger_anchor_lag_seconds{source="witness"}': "3600x130",
    "policysite_webhook_failing_seconds": "60x130",
    "policysite_pages_behind": "0x130",
}
# What is otherwise when each is to fire; None takes a series away.
ILL: dict[str, dict[str, str | None]] = {
    "PolicysiteDown": {'up{job="policysite",instance="a"}': "0x130"},
    "PolicysiteDatabaseDown": {"policysite_database_up": "0x130"},
    "PolicysiteGuardsMissing": {"policysite_guards_missing": "1x130"},
    # The clock of these tests begins at 0.
    "PolicysitePageFails": {f"policysite_http_last_failure_timestamp_seconds{{{VIEW}}}": "35900x130"},
    "PolicysitePagesFailOften": {f'policysite_http_requests_total{{{VIEW},status="500"}}': "0+60x130"},
    "PolicysitePagesSlow": {
        f'policysite_http_request_duration_seconds_bucket{{{VIEW},le="0.1"}}': "0+500x130",
        f'policysite_http_request_duration_seconds_bucket{{{VIEW},le="2.5"}}': "0+560x130",
    },
    "PolicysiteNobodySweeps": {"policysite_sweep_age_seconds": "0+60x130"},
    "PolicysiteMailsStuck": {"policysite_delivery_attempts_total": "7x130"},
    "PolicysiteWaitsTooLong": {'policysite_oldest_waiting_seconds{kind="receipts"}': "3700x130"},
    "PolicysiteNoticesHeld": {"policysite_notices_problems": "1x130"},
    "PolicysiteNoticePaused": {'policysite_notices{state="paused"}': "1x130"},
    "PolicysiteMailServerTurnsAway": {"policysite_mail_routes_held": "1x130"},
    "PolicysiteMailsUncertain": {'policysite_deliveries{state="uncertain"}': "3+2x130"},
    "PolicysiteMailsFail": {'policysite_deliveries{state="failed"}': "0+20x130"},
    "PolicysiteMailWouldBeRefused": {'policysite_mail_faults{gravity="wrong"}': "1x130"},
    "PolicysiteSealLate": {"policysite_ledger_seal_lag_seconds": "700x130"},
    "PolicysiteAnchorLate": {'policysite_ledger_anchor_lag_seconds{source="witness"}': "7900x130"},
    "PolicysiteWebhookFails": {"policysite_webhook_failing_seconds": "3700x130"},
    "PolicysitePagesBehind": {"policysite_pages_behind": "1x130"},
    "PolicysiteSeveralVersions": {'policysite_build_info{version="2"}': "1x130"},
}
AT = "600m"


def missing() -> str:
    """Why Prometheus cannot be tried here; empty where it can."""
    there = shutil.which("prometheus") and shutil.which("promtool")
    return "" if there else "prometheus is not installed: apt-get install --no-install-recommends prometheus"


needs_prometheus = pytest.mark.skipif(bool(missing()), reason=missing())


def case(name: str, otherwise: dict[str, str | None], expected: int, *, alert: str) -> dict[str, Any]:
    """One test of promtool: how often an alert fires, after ten hours of these series."""
    series = {name: values for name, values in {**WELL, **otherwise}.items() if values is not None}
    expression = f'count(ALERTS{{alertname=~"{alert}",alertstate="firing"}}) or vector(0)'
    return {
        "name": name,
        "interval": "5m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {"expr": expression, "eval_time": AT, "exp_samples": [{"labels": "{}", "value": expected}]}
        ],
    }


def promtool(folder: Path, cases: list[dict[str, Any]], *, rules: str = "") -> subprocess.CompletedProcess[str]:
    (folder / "alerts.yml").write_text(rules or (DEPLOY / "alerts.yml").read_text())
    tests = {"rule_files": ["alerts.yml"], "evaluation_interval": "5m", "tests": cases}
    (folder / "cases.yml").write_text(yaml.safe_dump(tests))
    command = ["promtool", "test", "rules", "cases.yml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_alert_has_a_case_and_stands_in_the_manual() -> None:
    assert sorted(ILL) == sorted(NAMES)
    manual = (DEPLOY.parent / "docs" / "operating.md").read_text()
    assert [name for name in NAMES if f"| `{name}`" not in manual] == []
    assert [name for name in re.findall(r"`(Policysite\w+)`", manual) if name not in NAMES] == []


@needs_prometheus
def test_each_alert_fires_when_it_should_and_none_where_all_is_well(tmp_path: Path) -> None:
    cases = [case("well", {}, 0, alert=".+")]
    cases += [case(alert, otherwise, 1, alert=alert) for alert, otherwise in ILL.items()]
    cases.append(case("gone", {'up{job="policysite",instance="a"}': None}, 1, alert="PolicysiteDown"))
    done = promtool(tmp_path, cases)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_prometheus
@pytest.mark.parametrize("alert", NAMES)
def test_an_alert_that_cannot_fire_would_be_seen(tmp_path: Path, alert: str) -> None:
    """The cases themselves, tried: with a rule that never holds each of them fails."""
    document = yaml.safe_load((DEPLOY / "alerts.yml").read_text())
    for rule in document["groups"][0]["rules"]:
        if rule["alert"] == alert:
            rule["expr"] = f"({rule['expr']}) and on() vector(1) == 0"
    done = promtool(tmp_path, [case(alert, ILL[alert], 1, alert=alert)], rules=yaml.safe_dump(document))
    assert done.returncode != 0


@pytest.fixture(scope="module")
def expressions() -> list[str]:
    dashboard = json.loads((DEPLOY / "grafana.json").read_text())
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(shown) >= 20
    return [*shown, *(rule["expr"] for rule in RULES)]


@pytest.fixture
def watched(deployment: Deployment, tmp_path: Path) -> Iterator[str]:
    """A site of which every figure has a value, and a Prometheus that watches it by `deploy/`; its address."""
    deployment.settings |= {
        "METRICS_TOKEN": TOKEN,
        "LEDGER_WITNESSES": f"{authorities.witness().verifier} http://127.0.0.1:9/",
    }
    slug = factories.make_version().policy.slug
    ledger.append(kind="test", reference="1", body={}, at=clock.now())
    ledger.seal(at=clock.now())
    deployment.start_web()
    with connection.cursor() as cursor:
        # A page that fails, as when somebody else's hands were in the tables.
        cursor.execute("ALTER TABLE policies_versiontext RENAME TO elsewhere")
        asked(deployment, f"/p/{slug}/?nobody=asks")
        cursor.execute("ALTER TABLE elsewhere RENAME TO policies_versiontext")
    port = processes.free_port()
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
    (tmp_path / "token").write_text(TOKEN)
    # Longer than a scrape takes on a machine that is busy: what takes longer is no scrape.
    config["global"] |= {"scrape_interval": "5s", "scrape_timeout": "5s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(DEPLOY / "alerts.yml")]
    (job,) = config["scrape_configs"]
    job["authorization"]["credentials_file"] = str(tmp_path / "token")
    job["static_configs"] = [{"targets": [f"127.0.0.1:{deployment.port}"]}]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    log = tmp_path / "prometheus.log"
    options = [f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={tmp_path / 'series'}"]
    process = processes.start(
        ["prometheus", f"--config.file={tmp_path / 'prometheus.yml'}", *options], log=log, folder=tmp_path
    )
    url = f"http://127.0.0.1:{port}"
    try:
        is_ready = lambda: processes.answers(port) and bool(found(url, 'up == 1 and on () ALERTS{alertstate="firing"}'))  # noqa: E731
        processes.wait_until(is_ready, process=process, log=log, name="prometheus", within=120)
        yield url
    finally:
        processes.stop(process)


def found(url: str, expression: str) -> list[Any]:
    """What Prometheus answers to an expression; it refuses what is none."""
    try:
        with urllib.request.urlopen(f"{url}/api/v1/query?{urlencode({'query': expression})}") as answer:  # noqa: S310 - our own server
            said = json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 503:
            return []
        raise AssertionError(f"{expression}: {error.read().decode()}") from error
    result: list[Any] = said["data"]["result"]
    return result


@needs_prometheus
def test_all_that_is_asked_is_there_in_a_real_scrape(watched: str, expressions: list[str]) -> None:
    for expression in expressions:
        found(watched, expression)
    selectors = {
        selector
        for expression in expressions
        for selector in re.findall(r"\b(?:policysite_\w+|up\b)(?:\{[^}]*\})?", expression)
    }
    assert len(selectors) >= 35
    assert [selector for selector in sorted(selectors) if not found(watched, selector)] == []
    firing = {each["metric"]["alertname"] for each in found(watched, 'ALERTS{alertstate="firing"}')}
    assert "PolicysitePageFails" in firing


def test_nothing_is_said_to_be_watched_that_is_not(expressions: list[str]) -> None:
    """Labels by which figures are summed are theirs, too."""
    labels = set(re.findall(r"by \(([\w, ]+)\)", " ".join(expressions)))
    assert {label.strip() for group in labels for label in group.split(",")} <= {
        *("version", "view", "status", "result", "kind", "state", "source", "gravity", "le", "alertname"),
    }
