"""What the desk, the pages and the frames show of a notice, and to whom they show nothing."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from policies import clock
from policies.models import AuditEvent, Delivery, Follower, Notice, NoticeSeen
from policies.notices.on_site import prominent_notice
from policies.notices.plan import planning, steering
from policies.notices.queue import progress
from policies.notices.returns import mail_addresses
from policies.views.shared import banner
from tests import factories
from tests import people as cast
from tests.notices.telling import open_notice, people, send_all, told_version
from tests.people import signed_in
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db


def page(notice: Notice, verb: str = "change", *more: int) -> str:
    return reverse(f"admin:policies_notice_{verb}", args=[notice.pk, *more])


def test_the_desk_sees_how_far_it_has_come(smtp_sink: Sink) -> None:
    people(3)
    people(1, address="")
    notice = open_notice()
    send_all(notice, smtp_sink)
    shown = signed_in(cast.edith()).get(page(notice)).content.decode()
    assert "3 of 4 reached (75.0 %)" in shown
    assert 'class="state state--accepted"' in shown
    assert " style=" not in shown


def test_one_person_has_one_story(smtp_sink: Sink) -> None:
    (person,) = people(1, name="Lena Kraft")
    notice = open_notice()
    send_all(notice, smtp_sink)
    client = signed_in(cast.edith())
    assert "Lena Kraft" in client.get(page(notice, "people"), {"q": person.address}).content.decode()
    story = client.get(page(notice, "person", person.pk)).content.decode()
    assert "the mail server took it over" in story
    assert "250 2.0.0 Kept" in story
    assert "by mail, 20" in story
    assert person.address not in story
    assert mail_addresses.masked(person.address) in story


def test_pausing_resuming_and_cancelling_are_recorded() -> None:
    people(2)
    notice, client = open_notice(), signed_in(cast.edith())
    client.post(page(notice, "pause"), {"reason": "Wait for the press office."})
    client.post(page(notice, "resume"))
    client.post(page(notice, "cancel"), {"reason": "Wrong text."})
    notice.refresh_from_db()
    assert notice.state == Notice.State.CANCELLED
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}
    verbs = AuditEvent.objects.filter(verb__startswith="notice.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[-3:] == ["notice.paused", "notice.resumed", "notice.cancelled"]


def test_a_notice_can_be_made_slower_and_not_faster_than_the_site() -> None:
    people(2)
    notice, client = open_notice(), signed_in(cast.edith())
    most, before = settings.NOTICE_RATE_PER_MINUTE, notice.rate_per_minute
    for refused in ("", "0", "many", str(most + 1)):
        assert client.post(page(notice, "pace"), {"per_minute": refused}).context["form"].errors["per_minute"]
    notice.refresh_from_db()
    assert notice.rate_per_minute == before
    shown = client.post(page(notice, "pace"), {"per_minute": "1"}, follow=True).content.decode()
    assert "At most 1 mail per minute now." in shown
    notice.refresh_from_db()
    assert notice.rate_per_minute == 1
    ends_at = progress.pace(notice, at=clock.now()).ends_at
    assert ends_at
    assert ends_at > clock.now() + timedelta(seconds=110)
    event = AuditEvent.objects.get(verb="notice.paced")
    assert event.data == {"notice": notice.pk, "mails_per_minute": 1}
    steering.cancel(notice=notice, reason="Wrong text.", by=cast.edith(), at=clock.now())
    assert client.post(page(notice, "pace"), {"per_minute": "2"}).status_code == 409


def test_what_is_over_cannot_be_paused() -> None:
    notice = open_notice()
    steering.cancel(notice=notice, reason="x", by=cast.edith(), at=clock.now())
    answer = signed_in(cast.edith()).post(page(notice, "pause"), {"reason": "x"})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    "verb", ["change", "people", "pause", "resume", "cancel", "send_again", "correct", "pace", "export", "person"]
)
@pytest.mark.parametrize("who", ["nobody", "oscar", "ravi"])
def test_outsiders_steer_and_see_nothing(verb: str, who: str) -> None:
    (told,) = people(1)
    notice = open_notice()
    more = (told.pk,) if verb == "person" else ()
    client = Client() if who == "nobody" else signed_in(cast.oscar() if who == "oscar" else cast.ravi())
    if (who, verb) == ("ravi", "change"):
        assert client.get(page(notice)).status_code == 200
        return
    for answer in (client.get(page(notice, verb, *more)), client.post(page(notice, verb, *more), {"reason": "x"})):
        assert answer.status_code in {302, 403}
    notice.refresh_from_db()
    assert notice.state == Notice.State.SENDING


def test_uma_is_shown_what_changes_until_she_puts_it_away() -> None:
    uma, version = cast.uma(), told_version()
    client = signed_in(uma)
    shown = client.get(reverse("policies:my_notices"))
    assert "Privacy Policy" in shown.content.decode()
    assert NoticeSeen.objects.get().person == uma.person
    client.post(reverse("policies:noted", args=[version.pk]))
    assert client.get(reverse("policies:my_notices")).status_code == 204


def test_a_question_stays_until_it_is_answered() -> None:
    person = cast.uma().person
    assert person is not None
    version = told_version(acceptance="explicit")
    client = signed_in(cast.uma())
    client.post(reverse("policies:noted", args=[version.pk]))
    assert [notice.asks for notice in banner.banner_of(person, at=clock.now())] == [True]
    person.standings.create(policy=version.policy, agreed_number=version.number or 0)
    assert banner.banner_of(person, at=clock.now()) == ()


def test_whom_no_mail_reached_is_shown_the_notice_however_late() -> None:
    reached, unreached = people(2)
    version = told_version(published_at=factories.days_ago(90), effective_at=factories.days_ago(60))
    open_notice(version)
    Delivery.objects.filter(recipient_id=reached.pk).update(state="accepted")
    Delivery.objects.filter(recipient_id=unreached.pk).update(state="uncertain")
    assert [each.version for each in banner.banner_of(unreached, at=clock.now())] == [version]
    assert banner.banner_of(reached, at=clock.now()) == ()
    prominent_notice.put_away(version, by=unreached, at=clock.now())
    assert banner.banner_of(unreached, at=clock.now()) == ()


@pytest.mark.parametrize(("days", "is_shown"), [(0, True), (31, False)])
def test_who_signs_up_before_the_effect_is_shown_what_is_coming(days: int, is_shown: bool) -> None:
    told_version()
    joined_at = factories.in_days(days)
    (newcomer,) = people(1, joined_at=joined_at)
    assert bool(banner.banner_of(newcomer, at=joined_at + timedelta(minutes=1))) == is_shown


def test_a_follower_is_never_taken_for_a_person(smtp_sink: Sink) -> None:
    person = cast.uma().person
    version = told_version()
    vera = cast.vera(version.policy)
    assert person is not None
    Follower.objects.filter(pk=vera.pk).update(id=person.pk)
    planning.plan_due(at=clock.now())
    alert = planning.fan_out(notice=version.notices.get(stream="alert"), at=clock.now())
    client = signed_in(cast.edith())
    for query in ({}, {"q": vera.address}):
        shown = client.get(page(alert, "people"), query).content.decode()
        assert "v***" in shown
        assert "Uma" not in shown
    assert "v***" in client.get(page(alert, "person", person.pk)).content.decode()


def test_a_visitor_is_shown_nothing_and_gets_no_cookie() -> None:
    told_version()
    answer = Client().get(reverse("policies:my_notices"))
    assert answer.status_code == 204
    assert not answer.cookies


def test_signed_in_pages_carry_the_notice() -> None:
    told_version()
    shown = signed_in(cast.uma()).get(reverse("policies:account")).content.decode()
    assert "See what changes" in shown


def test_the_page_that_asks_does_not_show_the_way_to_itself() -> None:
    version = told_version(acceptance="explicit")
    client, banner = signed_in(cast.uma()), "Your answer is asked for."
    assert banner in client.get(reverse("policies:account")).content.decode()
    assert banner not in client.get(reverse("policies:answer", args=[version.policy.slug])).content.decode()


def test_the_preview_is_a_frame_with_rules_of_its_own() -> None:
    version = told_version()
    url = reverse("admin:policies_version_mail", args=[version.pk, "en"])
    answer = signed_in(cast.edith()).get(url)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "takes effect on" in answer.content.decode()
    for client in (Client(), signed_in(cast.oscar())):
        assert client.get(url).headers["Location"].startswith("/admin/login/")


def test_the_publish_page_shows_the_mail() -> None:
    draft = factories.make_approved(factories.make_version().policy, effective_at=factories.in_days(40))
    shown = signed_in(cast.edith()).get(reverse("admin:policies_version_publish", args=[draft.pk])).content.decode()
    assert "Updated Privacy Policy – takes effect" in shown
