"""What waits to be sent when a date is changed: it is planned anew with the new one, in the right words."""

import pytest

from policies import clock, publishing
from policies.models import Notice, Version
from policies.notices.plan import planning, steering
from policies.notices.upkeep.sweep import sweep
from tests import factories
from tests import people as cast
from tests.notices.telling import addresses, open_notice, people, send_all, states
from tests.publishing.test_bringing_forward import announced, bring_forward
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def announced_second() -> Version:
    policy = factories.make_version(published_at=factories.days_ago(60)).policy
    return announced(policy, body=factories.NEXT_BODY)


def subject_and_words(sink: Sink) -> tuple[str, str]:
    mail = sink.messages[-1].mail
    body = mail.get_body(("plain",))
    assert body is not None
    return str(mail["Subject"]), str(body.get_content())


@pytest.mark.parametrize("days", [20, 60])
def test_whoever_was_not_told_yet_hears_of_the_new_date_alone(smtp_sink: Sink, days: int) -> None:
    (somebody,) = people(1)
    version = announced_second()
    waiting = open_notice(version)
    new = factories.in_days(days)
    if days < 40:
        moved = bring_forward(version, new)
    else:
        moved = publishing.postpone(version=version, effective_at=new, reason="Wait.", by=cast.edith(), at=clock.now())
    send_all(waiting, smtp_sink)
    assert smtp_sink.messages == []
    sweep(at=clock.now(), worker="test")
    waiting.refresh_from_db()
    assert (waiting.state, states(waiting)) == ("cancelled", {"cancelled": 1})
    again = version.notices.get(occasion=moved.pk)
    assert again.kind == "change"
    send_all(again, smtp_sink)
    assert addresses(smtp_sink.messages) == [somebody.address]
    subject, words = subject_and_words(smtp_sink)
    assert subject.startswith("Updated ")
    assert new.strftime("%Y") in words
    assert not any(word in subject + words for word in ("comes later", "Wait.", "The year was wrong."))
    assert planning.plan_due(at=clock.now()) == []


def test_one_mail_goes_out_however_often_the_date_is_changed(smtp_sink: Sink) -> None:
    people(1)
    version = announced_second()
    open_notice(version)
    for days in (30, 25, 20):
        bring_forward(version, factories.in_days(days))
    sweep(at=clock.now(), worker="test")
    sweep(at=clock.now(), worker="test")
    for notice in version.notices.all():
        send_all(notice, smtp_sink)
    assert len(smtp_sink.messages) == 1
    assert version.notices.exclude(state="cancelled").count() == 1


def test_what_was_not_planned_yet_is_planned_with_the_new_date() -> None:
    people(1)
    version = announced_second()
    bring_forward(version, factories.in_days(20))
    notice = open_notice(version)
    assert (notice.kind, notice.effective_at) == ("change", Version.objects.get(pk=version.pk).effective_at)
    assert planning.plan_due(at=clock.now()) == []


def test_a_later_postponement_names_the_day_that_was_told(smtp_sink: Sink) -> None:
    people(1)
    version = announced_second()
    send_all(open_notice(version), smtp_sink)
    for days in (50, 60):
        publishing.postpone(
            version=version, effective_at=factories.in_days(days), reason="Wait.", by=cast.edith(), at=clock.now()
        )
    sweep(at=clock.now(), worker="test")
    moved = version.notices.get(kind="postponed")
    send_all(moved, smtp_sink)
    _subject, words = subject_and_words(smtp_sink)
    told = factories.in_days(40)
    assert f"{told:%B} {told.day}" in words
    assert len(smtp_sink.messages) == 2


def test_nobody_lets_a_notice_go_on_that_names_the_old_date() -> None:
    people(1)
    version = announced_second()
    notice = open_notice(version)
    steering.pause(notice=notice, reason="Look.", by=cast.edith(), at=clock.now())
    bring_forward(version, factories.in_days(20))
    with pytest.raises(steering.NoLongerHolds, match="another date"):
        steering.resume(notice=notice, by=cast.edith(), at=clock.now())


def test_late_joiners_are_told_the_date_that_holds(smtp_sink: Sink) -> None:
    people(1)
    version = announced_second()
    first = open_notice(version)
    send_all(first, smtp_sink)
    planning.finish(notice=first, at=clock.now())
    publishing.postpone(
        version=version, effective_at=factories.in_days(60), reason="Wait.", by=cast.edith(), at=clock.now()
    )
    sweep(at=clock.now(), worker="test")
    people(1, joined_at=clock.now())
    planning.top_up_all(at=clock.now())
    assert Notice.objects.get(pk=first.pk).late_count == 0
    assert version.notices.get(kind="postponed").late_count == 1
