"""What these tests share: a version that tells people, its notice, and a sender for the test's mail server."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from policies import clock
from policies.models import Delivery, Notice, Person, Version
from policies.notices.plan import planning
from policies.notices.send import by_smtp, sending, smtp_wire
from tests import factories
from tests.smtp_sink import Sink

FAST = 600_000


def told_version(**fields: Any) -> Version:
    """A published second version that tells people, in effect in thirty days."""
    first = factories.make_version(published_at=factories.days_ago(60))
    fields = {**factories.MATERIAL, "published_at": factories.days_ago(0.01), **fields}
    fields.setdefault("effective_at", factories.in_days(30))
    return factories.make_version(first.policy, body=factories.NEXT_BODY, tells_people=True, **fields)


def people(count: int, **fields: Any) -> list[Person]:
    return [factories.make_person(**fields) for _ in range(count)]


def open_notice(version: Version | None = None, *, at: datetime | None = None, rate: int = FAST) -> Notice:
    """The notice of a version, planned, fanned out and open for sending."""
    at = at or clock.now()
    version = version or told_version()
    planning.plan_due(at=at)
    notice = version.notices.get(stream=Notice.Stream.LEGAL, kind=Notice.Kind.CHANGE)
    Notice.objects.filter(pk=notice.pk).update(rate_per_minute=rate)
    notice.refresh_from_db()
    return planning.fan_out(notice=notice, at=at)


def sender(sink: Sink, *, timeout: float = 5) -> sending.Sender:
    server = smtp_wire.Server("127.0.0.1", sink.port, timeout=timeout)
    return sending.Sender(carrier=by_smtp.Smtp(server), worker="test")


def send_all(notice: Notice, sink: Sink, *, at: datetime | None = None, timeout: float = 5) -> None:
    """Send what is due at `at`, until nothing is."""
    hands = sender(sink, timeout=timeout)
    while hands.send_due(at=at or clock.now()):
        pass
    hands.close()
    notice.refresh_from_db()


def states(notice: Notice) -> dict[str, int]:
    counts: dict[str, int] = {}
    for state in Delivery.objects.filter(notice=notice).values_list("state", flat=True):
        counts[state] = counts.get(state, 0) + 1
    return counts


def addresses(messages: Iterable[Any]) -> list[str]:
    return sorted(message.recipients[0] for message in messages)
