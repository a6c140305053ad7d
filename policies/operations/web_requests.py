"""
Requests that were answered: how many, how long they took and which failed, by the view that answered.

Each process for pages counts in files of its own, which prometheus_client maps into its memory; whoever is asked adds
up those of all. A process takes the first place that no living one has and counts on there: there are never more files
than there were processes at a time, and after a restart no count goes back.
"""

import fcntl
import itertools
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.http import HttpRequest
from prometheus_client import Counter, Gauge, Histogram, values
from prometheus_client.metrics_core import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

# Seconds. Half of the views take some ten milliseconds; what takes ten seconds is given up by most proxies.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
REQUESTS = Counter(
    "policysite_http_requests",
    "Requests that a view answered, since counting began.",
    ["view", "status"],
    registry=None,
)
SECONDS = Histogram(
    "policysite_http_request_duration_seconds", "How long views took.", ["view"], buckets=BUCKETS, registry=None
)
FAILED_AT = Gauge(
    "policysite_http_last_failure_timestamp_seconds",
    "When a view failed last (500).",
    ["view"],
    multiprocess_mode="max",
    registry=None,
)
FRONT = Counter(
    "policysite_front_requests",
    "Requests that a kept page could answer: answered from memory (hit), or by a view (miss).",
    ["result"],
    registry=None,
)
FAMILIES = (REQUESTS, SECONDS, FAILED_AT, FRONT)
FAILED = 500


@dataclass
class Place:
    """Where this process counts, for as long as it holds the lock."""

    folder: Path
    lock: TextIO


_place: Place | None = None


@dataclass(frozen=True)
class OfView:
    """What one view did since counting began."""

    requests: int = 0
    failed: int = 0
    seconds: float = 0.0
    last_failed: float | None = None

    @property
    def mean_seconds(self) -> float:
        return self.seconds / max(self.requests, 1)


def count_in(folder: Path) -> None:
    """
    Count where the other processes of this machine count, from now on and in this process.

    Whoever calls puts the folder into PROMETHEUS_MULTIPROC_DIR, where prometheus_client looks when something is first
    counted.

    :raises OSError: if nothing can be written there
    """
    global _place  # noqa: PLW0603 - a process counts in one place
    folder.mkdir(parents=True, exist_ok=True)
    number, lock = _free_place(folder)
    for path in folder.glob(f"*_{number}.db"):
        # Left behind by a machine that crashed.
        if not _is_whole(path):
            path.unlink()
    values.ValueClass = values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]
    _place = Place(folder, lock)


def view_of(request: HttpRequest) -> str:
    """The name of the view that a request led to: one of few, whatever strangers ask for."""
    if request.resolver_match:
        return request.resolver_match.view_name
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"


def count(*, view: str, status: int, seconds: float, at: datetime) -> None:
    """Count one request that Django answered."""
    REQUESTS.labels(view, status).inc()
    SECONDS.labels(view).observe(seconds)
    if status == FAILED:
        FAILED_AT.labels(view).set(at.timestamp())


def count_front(hits: int, misses: int) -> None:
    """Count what the front answered since it told last."""
    FRONT.labels("hit").inc(hits)
    FRONT.labels("miss").inc(misses)


def collect() -> Iterable[Metric]:
    """What all processes of this machine counted; without a place in common, this one."""
    if _place is None:
        return [metric for family in FAMILIES for metric in family.collect()]
    files = [str(path) for path in _place.folder.glob("*.db") if _is_whole(path)]
    return list(MultiProcessCollector.merge(files))  # type: ignore[no-untyped-call]


def by_view() -> Mapping[str, OfView]:
    """The same for whoever reads no histograms."""
    found: dict[str, dict[str, float]] = {}
    for name, labels, value in _samples():
        if "view" not in labels:
            continue
        of_view = found.setdefault(labels["view"], {"requests": 0, "failed": 0})
        if name == "policysite_http_requests_total":
            of_view["requests"] += value
            of_view["failed"] += value if labels["status"] == str(FAILED) else 0
        elif name == "policysite_http_request_duration_seconds_sum":
            of_view["seconds"] = value
        elif name == "policysite_http_last_failure_timestamp_seconds":
            of_view["last_failed"] = value
    return {
        view: OfView(int(of["requests"]), int(of["failed"]), of.get("seconds", 0.0), of.get("last_failed"))
        for view, of in sorted(found.items())
    }


def _samples() -> Iterator[tuple[str, dict[str, str], float]]:
    for metric in collect():
        for sample in metric.samples:
            yield sample.name, sample.labels, sample.value


def _free_place(folder: Path) -> tuple[int, TextIO]:
    """The first number whose lock nobody holds. The system lets go of it when a process ends, however it does."""
    for number in itertools.count(1):
        lock = (folder / f"{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return number, lock
    raise AssertionError("numbers do not end")


def _is_whole(path: Path) -> bool:
    try:
        list(MmapedDict.read_all_values_from_file(str(path)))  # type: ignore[no-untyped-call]
    except (OSError, RuntimeError, ValueError, struct.error):
        return False
    return True
