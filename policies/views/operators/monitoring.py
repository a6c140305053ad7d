"""What monitoring reads: figures for Prometheus, and whether every part does its work. Nobody else is shown either."""

import hmac
import ipaddress
import platform
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
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

from policies import anchoring, clock, rendering, tasks
from policies.notices.queue import sql_dialect
from policies.notices.report import health as of_notices
from policies.operations import backlogs, maintenance, monitoring, schema, web_requests
from policies.sign_in import networks

View = Callable[[HttpRequest], HttpResponseBase]
# Whoever comes through a proxy seems to come from its address, which is often this machine's.
PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via")

# Whoever watches looks every minute or so: a view that failed is red for some looks.
FAILED_LATELY = timedelta(minutes=5)
# A receiver that is restarted is away for less.
WEBHOOK_FAILS_FOR = timedelta(hours=1)


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
    at = clock.now()
    problems: dict[str, list[str]] = {"database": database()}
    figures: dict[str, object] = {"views": by_view()}
    if not problems["database"]:
        waits = backlogs.look(at=at)
        problems |= work(waits, at=at)
        figures["oldest_waiting_seconds"] = {wait.kind.name: round(wait.age.total_seconds()) for wait in waits}
    problems["broker"] = [] if tasks.broker_answers() else ["The broker cannot be reached."]
    problems["pages"] = pages(at=at)
    found = {part: said or "ok" for part, said in problems.items()}
    said = {**found, "version": settings.VERSION, "figures": figures}
    return JsonResponse(said, status=503 if any(problems.values()) else 200)


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


def work(waits: list[backlogs.Wait], *, at: datetime) -> dict[str, list[str]]:
    """Say what of the work is left undone."""
    failing = monitoring.webhooks().failing
    return {
        "notices": list(of_notices.look(at=at).problems),
        **{part: backlogs.problems(waits, part=part) for part in ("waiting", "sealing", "anchoring")},
        "webhooks": backlogs.problems(waits, part="webhooks")
        + [
            f"Webhook {pk} fails since {since:%Y-%m-%d %H:%M} UTC."
            for pk, since in failing.items()
            if at - since > WEBHOOK_FAILS_FOR
        ],
        "ledger": verified(),
        "guards": [
            f"The trigger {name} is missing or altered: run manage.py migrate." for name in monitoring.missing_guards()
        ],
    }


def pages(*, at: datetime) -> list[str]:
    """Say which views failed lately, in whichever process of this machine."""
    lately = (at - FAILED_LATELY).timestamp()
    return [
        f"{view} failed {at.timestamp() - of.last_failed:.0f} s ago: the log has it."
        for view, of in web_requests.by_view().items()
        if of.last_failed is not None and of.last_failed > lately
    ]


def by_view() -> dict[str, object]:
    """What each view did since counting began on this machine."""
    return {
        view: {
            "requests": of.requests,
            "failed": of.failed,
            "mean_ms": round(1000 * of.seconds / max(of.requests, 1), 1),
        }
        for view, of in web_requests.by_view().items()
    }


def verified() -> list[str]:
    """Say what the last daily verification found."""
    count = maintenance.mismatches()
    said = (
        f"The last daily verification found {count} mismatches: run manage.py verify_ledger, and find out who did it."
    )
    return [said] if count else []


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
        yield from self._waiting()
        yield from self._ledger()
        yield from self._webhooks()
        yield by(
            "gravity", "policysite_mail_faults", "What would keep mail from being accepted.", monitoring.mail_faults()
        )
        yield gauge("policysite_guards_missing", "Triggers that should stand.", len(monitoring.missing_guards()))
        found = of_notices.look(at=self.at)
        yield gauge("policysite_notices_problems", "What keeps notices from going out.", len(found.problems))
        yield gauge("policysite_sweep_age_seconds", "Since the last sweep.", found.last_sweep_seconds)

    def _waiting(self) -> Iterable[Metric]:
        waits = backlogs.look(at=self.at)
        ages = {wait.kind.name: wait.age.total_seconds() for wait in waits}
        limits = {wait.kind.name: wait.late_after.total_seconds() for wait in waits if wait.late_after is not None}
        yield by("kind", "policysite_oldest_waiting_seconds", "For how long the oldest has been due.", ages)
        yield by("kind", "policysite_late_after_seconds", "For how long it may be.", limits)
        yield gauge(
            "policysite_pages_behind", "Texts whose page a newer renderer is to make.", rendering.behind().count()
        )

    def _webhooks(self) -> Iterable[Metric]:
        found = monitoring.webhooks()
        states = {"well": found.well, "failing": len(found.failing), "off": found.off}
        yield by_state("policysite_webhooks", "Webhooks by how they fare.", states)
        yield gauge(
            "policysite_webhook_failing_seconds",
            "For how long nothing has come through where it is longest; 0 where something does everywhere.",
            found.longest(at=self.at).total_seconds(),
        )
        yield counter("policysite_webhook_tries", "Calls on record, by the number of the latest.", found.tries)

    def _ledger(self) -> Iterable[Metric]:
        ledger = monitoring.ledger(at=self.at)
        yield gauge("policysite_ledger_unsealed_leaves", "Leaves no signed head covers yet.", ledger.unsealed)
        yield gauge(
            "policysite_ledger_seal_lag_seconds",
            "For how long the oldest of them waits; 0 where none does.",
            ledger.lag(at=self.at).total_seconds(),
        )
        anchors = {
            source.name: (self.at - source.since).total_seconds() if source.since else 0
            for source in anchoring.waiting()
        }
        yield by("source", "policysite_ledger_anchor_lag_seconds", "For how long a head has waited for each.", anchors)
        yield counter("policysite_ledger_sealed_leaves", "Leaves under the newest signed head.", ledger.sealed)
        yield counter("policysite_acts", "Answers on record, by the number of the latest.", ledger.acts)


def gauge(name: str, description: str, value: float) -> Metric:
    return GaugeMetricFamily(name, description, value=value)


def counter(name: str, description: str, value: float) -> Metric:
    return CounterMetricFamily(name, description, value=value)


def by_state(name: str, description: str, counts: Mapping[str, float]) -> Metric:
    return by("state", name, description, counts)


def by(label: str, name: str, description: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, description, labels=[label])
    for of, value in sorted(values.items()):
        family.add_metric([of], value)
    return family
