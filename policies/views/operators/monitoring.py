"""What monitoring reads: figures for Prometheus, and whether every part does its work. Nobody else is shown either."""

import hmac
import ipaddress
import platform
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps

import django
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from policies import clock, tasks
from policies.notices.queue import sql_dialect
from policies.notices.report import health as of_notices
from policies.operations import monitoring, schema, web_requests
from policies.sign_in import networks

View = Callable[[HttpRequest], HttpResponseBase]
# Whoever comes through a proxy seems to come from its address, which is often this machine's.
PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via")


def for_operators(view: View) -> View:
    """Answer operators' tools; everybody else finds nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        if not is_operator(request):
            raise Http404
        return view(request)

    return guarded


def is_operator(request: HttpRequest) -> bool:
    """Whether the request has METRICS_TOKEN; where none is set, whether it was made on this machine."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    if settings.SECURE_PROXY_SSL_HEADER or any(name in request.headers for name in PROXY_HEADERS):
        return False
    return is_loopback(networks.address_of(request))


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


@never_cache
@for_operators
@require_safe
def metrics(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - one answer for every reader
    """Give the figures in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(at=clock.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


@never_cache
@for_operators
@require_safe
def health(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001 - one answer for every reader
    """Say of each part whether it does its work: 503 where one does not. For alarms; a balancer asks `/health/`."""
    problems: dict[str, list[str]] = {"database": database()}
    if not problems["database"]:
        problems |= work(at=clock.now())
    problems["broker"] = [] if tasks.broker_answers() else ["The broker cannot be reached."]
    found = {part: said or "ok" for part, said in problems.items()}
    return JsonResponse(found, status=503 if any(problems.values()) else 200)


@never_cache
@require_safe
def notices_health(request: HttpRequest) -> HttpResponseBase:
    """Say whether notices go out: 503 where something keeps them. The reasons are for operators."""
    found = of_notices.look(at=sql_dialect.now())
    said: dict[str, object] = {"notices": "held" if found.problems else "ok", "waiting": found.waiting}
    if is_operator(request):
        said["problems"] = found.problems
    return JsonResponse(said, status=503 if found.problems else 200)


def database() -> list[str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return ["The database cannot be reached."]
    return schema.problems(connection)


def work(*, at: datetime) -> dict[str, list[str]]:
    """Say what of the work is left undone."""
    lag = monitoring.ledger(at=at).lag(at=at)
    late = f"The ledger has waited for its signature for {lag.total_seconds():.0f} s."
    return {
        "notices": list(of_notices.look(at=at).problems),
        "sealing": [late] if lag > monitoring.SEALED_WITHIN else [],
        "guards": [
            f"The trigger {name} is missing or altered: run manage.py migrate." for name in monitoring.missing_guards()
        ],
    }


class Figures(Collector):
    """
    All figures at one instant: what the processes of this machine counted, and what the database says.

    Without a database there are those of the first kind: that is when it matters most which pages fail.
    """

    def __init__(self, *, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterable[Metric]:
        build = {"version": settings.VERSION, "django": django.__version__, "python": platform.python_version()}
        yield InfoMetricFamily("policysite_build", "What runs.", value=build)
        yield from web_requests.collect()
        try:
            of_database = list(self._of_the_database())
        except DatabaseError:
            of_database = []
        yield gauge("policysite_database_up", "Whether the database gave its figures.", bool(of_database))
        yield from of_database

    def _of_the_database(self) -> Iterable[Metric]:
        queue = monitoring.queued(at=self.at)
        yield by_state("policysite_deliveries", "Deliveries by state.", queue.by_state)
        yield counter("policysite_mails_sent", "Mails that a mail server took over.", queue.by_state["accepted"])
        yield counter("policysite_delivery_attempts", "Tries on record, by the number of the latest.", queue.attempts)
        yield gauge(
            "policysite_oldest_due_seconds",
            "For how long the delivery has been due that waits longest; 0 where none is due.",
            queue.oldest_wait(at=self.at).total_seconds(),
        )
        yield by_state("policysite_notices", "Notices by state.", monitoring.notices())
        yield gauge(
            "policysite_mail_routes_held",
            "Ways out for mail that are left alone for a while.",
            monitoring.held_routes(at=self.at),
        )
        yield from self._ledger()
        yield gauge("policysite_guards_missing", "Triggers that should stand.", len(monitoring.missing_guards()))
        found = of_notices.look(at=self.at)
        yield gauge("policysite_notices_problems", "What keeps notices from going out.", len(found.problems))
        yield gauge("policysite_sweep_age_seconds", "Since the last sweep.", found.last_sweep_seconds)

    def _ledger(self) -> Iterable[Metric]:
        ledger = monitoring.ledger(at=self.at)
        yield gauge("policysite_ledger_unsealed_leaves", "Leaves no signed head covers yet.", ledger.unsealed)
        yield gauge(
            "policysite_ledger_seal_lag_seconds",
            "For how long the oldest of them waits; 0 where none does.",
            ledger.lag(at=self.at).total_seconds(),
        )
        yield counter("policysite_ledger_sealed_leaves", "Leaves under the newest signed head.", ledger.sealed)
        yield counter("policysite_acts", "Answers on record, by the number of the latest.", ledger.acts)


def gauge(name: str, description: str, value: float) -> Metric:
    return GaugeMetricFamily(name, description, value=value)


def counter(name: str, description: str, value: float) -> Metric:
    return CounterMetricFamily(name, description, value=value)


def by_state(name: str, description: str, counts: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, description, labels=["state"])
    for state, count in sorted(counts.items()):
        family.add_metric([state], count)
    return family
