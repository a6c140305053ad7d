"""A worker that dies at each step, before it and after it: nobody is skipped, and no second copy is unexplained."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from policies import clock
from policies.models import Delivery
from policies.notices.plan import planning
from policies.notices.queue import claims
from policies.notices.report import notice_audit
from policies.notices.send import sending, smtp
from policies.notices.write import recipients
from tests.chaos.evidence import kept_by
from tests.notices.telling import open_notice, people, send_all, sender, states
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

STEPS: dict[str, tuple[Any, str]] = {
    "claim": (claims, "claim"),
    "write": (recipients, "prepare"),
    "begin": (smtp.Session, "begin"),
    "go ahead": (smtp.Session, "go_ahead"),
    "intend": (claims, "intend"),
    "send": (smtp.Session, "send"),
    "answer": (smtp.Session, "answer"),
    "record": (claims, "record"),
    "release": (claims, "release"),
}


class Died(BaseException):
    """The process is gone: no handler of the product may run for it."""


def dies_at(original: Callable[..., Any], *, call: int, before: bool) -> Callable[..., Any]:
    count = 0

    def step(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        if count == call and before:
            raise Died
        result = original(*args, **kwargs)
        if count == call:
            raise Died
        return result

    return step


@pytest.mark.parametrize("call", [1, 3])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_nobody_is_skipped_wherever_a_worker_dies(
    step: str, before: bool, call: int, smtp_sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(5)
    notice = open_notice()
    place, name = STEPS[step]
    doomed = sender(smtp_sink)
    with monkeypatch.context() as patched:
        patched.setattr(place, name, dies_at(getattr(place, name), call=call, before=before))
        with suppress(Died):
            doomed.send_due(at=clock.now())
    doomed.carrier.drop()
    lease_ends()
    sending.recover(at=clock.now(), worker="next")
    send_all(notice, smtp_sink, at=clock.now() + timedelta(minutes=20))
    planning.finish(notice=notice, at=clock.now())
    notice.refresh_from_db()
    assert states(notice) == {"accepted": 5}
    assert notice_audit.check(notice, kept=kept_by(smtp_sink)) == []


def lease_ends() -> None:
    long_ago = clock.now() - timedelta(hours=1)
    Delivery.objects.filter(state__in=["claimed", "sending"]).update(lease_until=long_ago)


def test_a_worker_that_wakes_up_late_writes_nothing(smtp_sink: Sink) -> None:
    people(2)
    notice = open_notice()
    token = uuid.uuid4()
    claimed = claims.claim(notice=notice, token=token, limit=2, at=clock.now())
    assert claims.intend(mails=[(claimed[0], "a@example.org")], token=token, at=clock.now()) == {claimed[0].id}
    lease_ends()
    sending.recover(at=clock.now(), worker="next")
    assert claims.intend(mails=[(claimed[1], "b@example.org")], token=token, at=clock.now()) == set()
    late = [claims.Result(each, "accepted", clock.now()) for each in claimed]
    assert claims.record(results=late, token=token) == set()
    assert states(notice) == {"queued": 2}


def test_the_checker_finds_a_copy_that_nothing_explains(smtp_sink: Sink) -> None:
    people(3)
    notice = open_notice()
    send_all(notice, smtp_sink)
    Delivery.objects.filter(pk=Delivery.objects.order_by("pk")[0].pk).update(state="queued")
    send_all(notice, smtp_sink)
    found = {finding.invariant for finding in notice_audit.check(notice, kept=kept_by(smtp_sink))}
    assert found == {"I1", "I3"}
