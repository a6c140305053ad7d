"""What machines that watch this site read: the health of notices, and metrics for those who hold the token."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from policies.models import Notice
from policies.notices import dialect, health, progress


@never_cache
@require_safe
def notices_health(request: HttpRequest) -> HttpResponse:
    """Say whether notices go out: 503 where something keeps them. The reasons are for those who hold the token."""
    found = health.look(at=dialect.now())
    said: dict[str, object] = {"notices": "held" if found.problems else "ok", "waiting": found.waiting}
    if _may_read_all(request):
        said["problems"] = found.problems
    return JsonResponse(said, status=503 if found.problems else 200)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, with METRICS_TOKEN as the bearer token; without one they do not exist."""
    if not _may_read_all(request):
        raise Http404
    registry = CollectorRegistry()
    found = health.look(at=dialect.now())
    _gauge(registry, "policysite_notices_waiting", "Deliveries that wait", found.waiting)
    _gauge(registry, "policysite_notices_paused", "Notices that are paused", found.paused)
    _gauge(registry, "policysite_notices_problems", "Things that keep notices from going out", len(found.problems))
    _gauge(registry, "policysite_sweep_age_seconds", "Seconds since the last sweep", found.last_sweep_seconds)
    ended = Gauge("policysite_deliveries", "Deliveries that ended, by state", ["notice", "state"], registry=registry)
    for notice in Notice.objects.exclude(state__in=[Notice.State.DONE, Notice.State.CANCELLED]):
        for state, count in progress.counts(notice).by_state.items():
            ended.labels(str(notice.pk), state).set(count)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _gauge(registry: CollectorRegistry, name: str, words: str, value: float) -> None:
    Gauge(name, words, registry=registry).set(value)


def _may_read_all(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(given, settings.METRICS_TOKEN)
