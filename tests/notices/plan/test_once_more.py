"""A notice is sent once more to one person: a delivery of its own beside the first, which stays as it was."""

import pytest
from django.test import Client

from policies import clock
from policies.acceptance.roll import roll_call
from policies.acceptance.roll.answer_states import State
from policies.models import AuditEvent, Delivery, Notice, Person
from policies.notices.plan import planning, steering
from policies.notices.report import notice_audit
from tests import factories, people
from tests.notices import telling
from tests.smtp_sink import Sink

pytestmark = pytest.mark.django_db


def once_more(notice: Notice, person: Person) -> Notice:
    return steering.send_to_one(notice=notice, person=person, by=people.edith(), at=clock.now())


def test_it_goes_to_them_alone_and_the_first_delivery_stays(smtp_sink: Sink) -> None:
    version = telling.told_version(acceptance="explicit")
    lost, _other = factories.make_person(address=""), factories.make_person()
    notice = telling.open_notice(version)
    telling.send_all(notice, smtp_sink)
    first = Delivery.objects.filter(notice=notice).order_by("pk").values()
    before = list(first)
    assert roll_call.count(version, at=clock.now()).by_state[State.UNREACHED] == 1
    Person.objects.filter(pk=lost.pk).update(address="found@example.org")
    again = planning.fan_out(notice=once_more(notice, lost), at=clock.now())
    telling.send_all(again, smtp_sink)
    assert telling.addresses(smtp_sink.messages)[0] == "found@example.org"
    assert len(smtp_sink.messages) == 2
    assert telling.states(again) == {"accepted": 1}
    assert list(first.all()) == before
    assert notice_audit.check(again) == notice_audit.check(notice) == []
    assert roll_call.count(version, at=clock.now()).by_state[State.UNREACHED] == 0
    assert AuditEvent.objects.get(verb="notice.sent_to_one").data == {"notice": again.pk, "person": lost.pk}


def test_what_is_on_its_way_or_was_sent_once_more_is_refused(smtp_sink: Sink) -> None:
    person = factories.make_person()
    notice = telling.open_notice()
    with pytest.raises(steering.NotRunning, match="still on its way"):
        once_more(notice, person)
    telling.send_all(notice, smtp_sink)
    once_more(notice, person)
    with pytest.raises(steering.NotRunning, match="once more already"):
        once_more(notice, person)
    with pytest.raises(steering.NotRunning, match="still on its way"):
        once_more(notice, factories.make_person())


@pytest.fixture
def edith() -> Client:
    return people.signed_in(people.edith())


def test_the_persons_story_has_the_button(edith: Client, smtp_sink: Sink) -> None:
    person = factories.make_person()
    notice = telling.open_notice()
    telling.send_all(notice, smtp_sink)
    page = f"/admin/policies/notice/{notice.pk}/send-to/{person.pk}/"
    assert page in edith.get(f"/admin/policies/notice/{notice.pk}/people/{person.pk}/").content.decode()
    sent = edith.post(page, follow=True).content.decode()
    assert "It goes out once more, as a notice of its own." in sent
    assert Notice.objects.get(kind="again").occasion == person.pk
