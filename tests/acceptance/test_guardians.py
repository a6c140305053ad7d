from typing import Any

import pytest
from django.test import Client

from policies import acceptance, clock
from policies.models import Act, ActSubject, Version
from tests import people
from tests.acceptance.asking import BY_FORM, asking_policy, asking_version, screen_of, uma
from tests.acceptance.test_answer_page import form_of
from tests.factories import days_ago, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def ward() -> Any:
    return make_person(guardian=uma(), name="Mia")


@pytest.fixture
def version() -> Any:
    return asking_version(asking_policy(slug="terms"), effective_at=days_ago(1), published_at=days_ago(9))


@pytest.fixture
def guardian() -> Any:
    client = Client()
    client.force_login(people.uma())
    return client


def test_a_guardian_answers_for_their_ward(guardian: Any, ward: Any, version: Version) -> None:
    assert "For Mia, whose guardian you are" in guardian.get("/review/").content.decode()
    page = f"/review/for/{ward.pk}/terms/"
    receipt = guardian.post(page, {**form_of(guardian.get(page)), "answer": "accept", "agree": "yes"}, follow=True)
    assert "You accepted the Terms of Service, version 1" in receipt.content.decode()
    subject = ActSubject.objects.get()
    assert (subject.person, subject.acted_by, subject.remark) == (ward, uma(), "guardian")
    assert Act.objects.get().on_behalf
    assert acceptance.outstanding(person=ward, at=clock.now()) == ()


def test_a_guardians_answer_is_not_their_own(guardian: Any, ward: Any, version: Version) -> None:
    page = f"/review/for/{ward.pk}/terms/"
    guardian.post(page, {**form_of(guardian.get(page)), "answer": "accept", "agree": "yes"})
    assert len(acceptance.outstanding(person=uma(), at=clock.now())) == 1


def test_a_form_for_the_ward_does_not_serve_for_oneself(guardian: Any, ward: Any, version: Version) -> None:
    form = form_of(guardian.get(f"/review/for/{ward.pk}/terms/"))
    assert guardian.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"}).status_code == 409
    assert not Act.objects.exists()


def test_a_minor_does_not_answer_alone(ward: Any, version: Version) -> None:
    with pytest.raises(acceptance.NotTheirs):
        acceptance.accept(person=ward, version=version, showing=screen_of(version), how=BY_FORM, at=clock.now())


def test_nobody_answers_for_the_ward_of_another(guardian: Any, version: Version) -> None:
    stranger = make_person(guardian=make_person())
    assert guardian.get(f"/review/for/{stranger.pk}/terms/").status_code == 404
    assert guardian.post(f"/review/for/{stranger.pk}/terms/", {"answer": "decline"}).status_code == 404


def test_a_guardian_takes_an_answer_back(guardian: Any, ward: Any, version: Version) -> None:
    page = f"/review/for/{ward.pk}/terms/"
    form = {**form_of(guardian.get(page)), "answer": "accept", "agree": "yes"}
    guardian.post(f"{guardian.post(page, form).headers['Location']}undo/")
    assert len(acceptance.outstanding(person=ward, at=clock.now())) == 1
