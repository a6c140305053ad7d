"""Several policies changed: one screen, a box and a decline for each, one submit, and nothing half recorded."""

import re
from typing import Any

import pytest
from django.test import Client

from policies import acceptance, clock
from policies.models import Act, ActSubject, Version
from tests import people
from tests.acceptance.asking import BY_FORM, asking_policy, asking_version, screen_of, uma
from tests.factories import BODY, GERMAN, MATERIAL, NEXT_BODY, days_ago, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PAGE = "/review/"


@pytest.fixture
def signed_in() -> Client:
    client = Client()
    client.force_login(people.uma())
    return client


@pytest.fixture
def terms() -> Version:
    """Terms that Uma accepted as version 1 and has to answer as version 2."""
    policy = asking_policy(slug="terms")
    first = asking_version(policy, effective_at=days_ago(60), published_at=days_ago(61), body=BODY)
    acceptance.accept(person=uma(), version=first, showing=screen_of(first), how=BY_FORM, at=days_ago(50))
    return asking_version(policy, effective_at=days_ago(1), published_at=days_ago(31), body=NEXT_BODY)


@pytest.fixture
def rules(terms: Version) -> Version:
    """Rules that are new to her, and an optional consent beside them."""
    newsletter = asking_policy(slug="newsletter", is_optional=True)
    asking_version(newsletter, effective_at=days_ago(1), published_at=days_ago(9))
    policy = asking_policy(slug="rules")
    return asking_version(policy, effective_at=days_ago(1), published_at=days_ago(9), title="House Rules")


def form_of(client: Client, page: str = PAGE) -> dict[str, str]:
    text = client.get(page).content.decode()
    return dict(re.findall(r'<input type="hidden" name="((?:screen|manifest)-[\w-]+)" value="([^"]*)">', text))


def send(client: Client, form: dict[str, Any], page: str = PAGE, **answers: Any) -> Any:
    ticked = {f"answer-{slug}": given for slug, given in answers.items()}
    return client.post(page, {**form, **ticked, "answer": "send"})


def kinds() -> list[tuple[str, str]]:
    acts = Act.objects.filter(method=Act.Method.FORM, screen__isnull=False).order_by("version__policy__slug")
    return [(act.version.policy.slug, act.kind) for act in acts]


def test_each_document_speaks_to_its_reader_as_far_as_it_is_translated(signed_in: Client) -> None:
    for slug, answers in (("rules", {"de": GERMAN}), ("terms", {})):
        fields = {"translations": {"de": "Kurz.\n"}, "answers": answers, "published_at": days_ago(9), **MATERIAL}
        asking_version(asking_policy(slug=slug), effective_at=days_ago(1), **fields)
    page = signed_in.get(PAGE, headers={"Accept-Language": "de"}).content.decode()
    assert page.count(f'<dd lang="de" dir="ltr">{GERMAN["why"]}</dd>') == 1
    assert page.count(f'<dd lang="en" dir="ltr">{MATERIAL["why"]}</dd>') == 1
    assert page.count("gibt es auf Englisch") == 1


def test_each_has_its_own_box_its_own_redline_and_its_own_decline(signed_in: Client, rules: Version) -> None:
    page = signed_in.get(PAGE).content.decode()
    boxes = re.findall(r'<input type="checkbox"[^>]*>', page)
    assert len(boxes) == 4
    assert not any("checked" in box for box in boxes)
    for words in ("I have read the Terms of Service, version 2, and I agree to it.", "I decline the House Rules"):
        assert words in page
    assert page.count("pressing “Send my answers” at the end of this page you agree to the") == 2
    assert "which you accepted on" in page
    assert "<ins" in page
    assert "there is nothing to compare with" in page


def test_texts_that_share_headings_share_no_anchor(signed_in: Client, rules: Version) -> None:
    page = signed_in.get(PAGE).content.decode()
    ids = re.findall(r'\sid="([^"]+)"', page)
    links = re.findall(r'\shref="#([^"]+)"', page)
    assert {f"s-what-we-collect.{slug}" for slug in ("terms", "rules")} <= set(ids)
    assert "change-2.terms" in links
    assert len(ids) == len(set(ids))
    assert set(links) <= set(ids)


def test_an_optional_consent_stands_apart(signed_in: Client, rules: Version) -> None:
    page = signed_in.get(PAGE).content.decode()
    form, apart = page.split("</form>", 1)
    assert "newsletter" not in form
    assert "/review/newsletter/" in apart


def test_one_submit_records_an_act_for_each_with_its_own_words(signed_in: Client, rules: Version) -> None:
    page = send(signed_in, form_of(signed_in), terms="accept", rules="decline")
    assert kinds() == [("rules", "declined"), ("terms", "agreed")]
    declined, agreed = Act.objects.filter(screen__isnull=False).order_by("version__policy__slug")
    assert "you agree to the Terms of Service, version 2" in agreed.wording
    assert declined.wording == "I decline the House Rules, version 1."
    assert agreed.render_id != declined.render_id
    assert (agreed.screen, agreed.at) == (declined.screen, declined.at)
    assert agreed.screen is not None
    assert agreed.screen.template == "review/batch_answer.html"
    assert (agreed.compared_with is not None, declined.compared_with) == (True, None)
    told = signed_in.get(page.headers["Location"]).content.decode()
    assert "You accepted the Terms of Service, version 2" in told
    assert "You declined the House Rules, version 1" in told
    assert "You cannot use your account until you accept" in told


def test_what_is_left_open_is_said_and_asked_again(signed_in: Client, rules: Version) -> None:
    told = signed_in.get(send(signed_in, form_of(signed_in), terms="accept").headers["Location"]).content.decode()
    assert kinds() == [("rules", "displayed"), ("terms", "agreed")]
    assert "Still open" in told
    open_ones, apart = told.split("Optional, and waiting for nothing", 1)
    assert "/review/rules/" in open_ones
    assert "/review/newsletter/" in apart
    assert {question.policy.slug for question in acceptance.outstanding(person=uma(), at=clock.now())} == {
        "rules",
        "newsletter",
    }


def test_looking_records_nothing_and_sending_nothing_says_so(signed_in: Client, rules: Version) -> None:
    form = form_of(signed_in)
    assert send(signed_in, form).status_code == 422
    assert kinds() == []


def test_deciding_later_records_that_they_were_shown(signed_in: Client, rules: Version) -> None:
    answer = signed_in.post(PAGE, {**form_of(signed_in), "answer-terms": "accept", "answer": "later"})
    assert answer.headers["Location"] == PAGE
    assert kinds() == [("rules", "displayed"), ("terms", "displayed")]


def test_both_boxes_of_one_document_record_nothing(signed_in: Client, rules: Version) -> None:
    page = send(signed_in, form_of(signed_in), terms=["accept", "decline"], rules="accept")
    assert page.status_code == 422
    assert '<a href="#accept-terms">You ticked both boxes of the Terms of Service' in page.content.decode()
    assert kinds() == []


def test_if_one_was_overtaken_none_is_recorded_and_the_page_shows_what_is_new(
    signed_in: Client, rules: Version
) -> None:
    form = form_of(signed_in)
    now = clock.now()
    asking_version(rules.policy, effective_at=now, published_at=now, body=NEXT_BODY)
    page = send(signed_in, form, terms="accept", rules="accept")
    assert page.status_code == 409
    assert "What is new since version 1, which you were reading" in page.content.decode()
    assert kinds() == []


def forged(form: dict[str, str]) -> list[dict[str, str]]:
    swapped = {**form, "screen-terms": form["screen-rules"], "screen-rules": form["screen-terms"]}
    return [
        swapped,
        {**form, "manifest-rules": "0" * 64},
        {**form, "screen-rules": form["screen-rules"][:-2] + "xx"},
        {**form, "screen-nowhere": form["screen-rules"]},
        {name: value for name, value in form.items() if not name.startswith("screen")},
        {name: value for name, value in form.items() if not name.startswith("manifest")},
    ]


def test_forged_forms_record_nothing(signed_in: Client, rules: Version) -> None:
    for fields in forged(form_of(signed_in)):
        assert send(signed_in, fields, terms="accept", rules="accept").status_code == 409
    assert kinds() == []


def test_sent_twice_or_from_two_tabs_it_is_one_act_each(signed_in: Client, rules: Version) -> None:
    first, second = form_of(signed_in), form_of(signed_in)
    for form in (first, first, second):
        assert send(signed_in, form, terms="accept", rules="accept").status_code == 302
    assert kinds() == [("rules", "agreed"), ("terms", "agreed")]


def test_a_decline_from_another_tab_after_an_acceptance_is_refused_aloud(signed_in: Client, rules: Version) -> None:
    first, second = form_of(signed_in), form_of(signed_in)
    send(signed_in, first, terms="accept", rules="accept")
    refused = send(signed_in, second, terms="accept", rules="decline")
    assert refused.status_code == 409
    assert "your decline was not recorded" in refused.content.decode()
    assert kinds() == [("rules", "agreed"), ("terms", "agreed")]


def test_the_way_back_is_kept_and_stays_on_this_site(signed_in: Client, rules: Version) -> None:
    assert 'name="next" value="/demo/product/"' in signed_in.get(f"{PAGE}?next=/demo/product/").content.decode()
    form = {**form_of(signed_in), "next": "/demo/product/"}
    told = signed_in.get(send(signed_in, form, terms="accept", rules="accept").headers["Location"])
    assert 'href="/demo/product/">Go on' in told.content.decode()
    assert "evil" not in signed_in.get(f"{PAGE}?next=https://evil.example/").content.decode()


def test_one_question_alone_keeps_its_own_page(signed_in: Client, terms: Version) -> None:
    page = signed_in.get(PAGE).content.decode()
    assert "/review/terms/" in page
    assert 'type="checkbox"' not in page


def test_a_guardian_answers_everything_for_a_ward(signed_in: Client, rules: Version) -> None:
    ward = make_person(guardian=uma(), name="Mia")
    page = f"/review/for/{ward.pk}/"
    told = send(signed_in, form_of(signed_in, page), page, terms="accept", rules="accept")
    assert "For Mia, whose guardian you are" in signed_in.get(told.headers["Location"]).content.decode()
    subjects = ActSubject.objects.filter(person=ward)
    assert {(subject.acted_by, subject.remark) for subject in subjects} == {(uma(), "guardian")}
    assert kinds() == [("rules", "agreed"), ("terms", "agreed")]


def test_a_wards_form_does_not_serve_for_oneself(signed_in: Client, rules: Version) -> None:
    ward = make_person(guardian=uma())
    form = form_of(signed_in, f"/review/for/{ward.pk}/")
    assert send(signed_in, form, terms="accept", rules="accept").status_code == 409
    stranger = make_person(guardian=make_person())
    assert signed_in.get(f"/review/for/{stranger.pk}/").status_code == 404
    assert send(signed_in, form, f"/review/for/{stranger.pk}/", terms="accept").status_code == 404
    assert kinds() == []


def test_of_somebody_elses_answers_the_page_shows_nothing(signed_in: Client, rules: Version) -> None:
    send(signed_in, form_of(signed_in), terms="accept", rules="accept")
    theirs = Act.objects.latest().subject_ref
    oscar = people.oscar()
    oscar.person = make_person()
    oscar.save()
    other = Client()
    other.force_login(oscar)
    for reference in (str(theirs), "x", "0" * 32):
        assert other.get("/account/answers/", {"of": reference}).headers["Location"] == PAGE


def test_the_screen_costs_no_more_queries_when_sent_than_its_documents(
    signed_in: Client, rules: Version, django_assert_max_num_queries: Any
) -> None:
    form = form_of(signed_in)
    with django_assert_max_num_queries(50):
        send(signed_in, form, terms="accept", rules="accept")


def test_the_account_tells_what_was_declined_and_what_is_optional_apart(signed_in: Client, rules: Version) -> None:
    send(signed_in, form_of(signed_in), rules="decline")
    page = signed_in.get("/account/").content.decode()
    assert "You declined: House Rules, version 1" in page or "You declined: Terms of Service, version 1" in page
    assert "Please answer: Terms of Service, version 2" in page
    assert page.count("Please answer:") == 1
    assert "Optional, and waiting for nothing:" in page
