"""
Time travel for machines (RFC 7089): the policy's page is the original resource and its own time gate, each standing
version a memento. The axis is publication; what governed when is asked with `?as_of=`.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date

from policies import date_formats, timeline
from policies.views.shared import errors, responses
from policies.views.shared.policy_urls import absolute, of_a_policy, path_to


def negotiate(request: HttpRequest, its_timeline: timeline.Timeline, language: str) -> HttpResponseBase:
    """Send a client to the version that was the newest at its Accept-Datetime; to the first where that is earlier."""
    asked = _read(request.headers["Accept-Datetime"])
    if asked is None:
        return errors.plain(request, 400)
    mementos = _mementos(its_timeline)
    found = next((entry for entry in mementos if _published(entry) <= asked), mementos[-1] if mementos else None)
    if found is None:
        return errors.version_missing(request, its_timeline, language)
    response = HttpResponseRedirect(path_to("version", its_timeline.policy, language, number=found.label))
    return describe_original(response, its_timeline, language)


def describe_original(response: HttpResponseBase, its_timeline: timeline.Timeline, language: str) -> HttpResponseBase:
    """Add what a client needs in order to negotiate."""
    patch_vary_headers(response, ["Accept-Datetime"])
    return _linked(response, _common(its_timeline, language))


def describe_memento(
    response: HttpResponseBase, its_timeline: timeline.Timeline, entry: timeline.Entry, language: str
) -> HttpResponseBase:
    """Say of a version's page which moment it is fixed at."""
    if entry.state == timeline.State.WITHDRAWN:
        return response
    response.headers["Memento-Datetime"] = _http(entry)
    mementos = _mementos(its_timeline)
    links = _common(its_timeline, language)
    for relation, one in (("first", mementos[-1]), ("last", mementos[0])):
        links.append(_memento(its_timeline, one, f"{relation} memento", language))
    return _linked(response, links)


@of_a_policy
def timemap(request: HttpRequest, its_timeline: timeline.Timeline, language: str) -> HttpResponseBase:
    """List every memento (application/link-format)."""
    lines = _common(its_timeline, language)
    lines += [_memento(its_timeline, entry, "memento", language) for entry in reversed(_mementos(its_timeline))]
    return responses.file(request, ",\n".join(lines) + "\n", "application/link-format")


def _mementos(its_timeline: timeline.Timeline) -> list[timeline.Entry]:
    return [entry for entry in its_timeline.entries if entry.state != timeline.State.WITHDRAWN]


def _common(its_timeline: timeline.Timeline, language: str) -> list[str]:
    policy = its_timeline.policy
    gate, timemap = (absolute(path_to(name, policy, language)) for name in ("policy", "timemap"))
    span = ""
    if mementos := _mementos(its_timeline):
        span = f'; from="{_http(mementos[-1])}"; until="{_http(mementos[0])}"'
    return [
        f'<{gate}>; rel="original timegate"',
        f'<{timemap}>; rel="timemap"; type="application/link-format"{span}',
    ]


def _memento(its_timeline: timeline.Timeline, entry: timeline.Entry, relation: str, language: str) -> str:
    address = absolute(path_to("version", its_timeline.policy, language, number=entry.label))
    return f'<{address}>; rel="{relation}"; datetime="{_http(entry)}"'


def _linked(response: HttpResponseBase, links: list[str]) -> HttpResponseBase:
    present = response.headers.get("Link")
    response.headers["Link"] = ", ".join([present, *links] if present else links)
    return response


def _published(entry: timeline.Entry) -> datetime:
    at = entry.version.published_at
    return at.replace(microsecond=0) if at else datetime.max.replace(tzinfo=UTC)


def _http(entry: timeline.Entry) -> str:
    return http_date(_published(entry).timestamp())


def _read(value: str) -> datetime | None:
    """Read an RFC 1123 date in GMT; nothing else is allowed (RFC 7089, 2.1.1)."""
    try:
        asked = date_formats.within_reach(parsedate_to_datetime(value))
    except (TypeError, ValueError):
        return None
    return asked.astimezone(UTC) if asked.tzinfo and value.strip().endswith("GMT") else None
