import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from policies import acceptance, clock, rendering
from policies.models import Act, ActSubject, Person, Version
from tests import people
from tests.acceptance.asking import BY_FORM, asking_policy, asking_version, screen_of, uma
from tests.factories import BODY, GERMAN, MATERIAL, NEXT_BODY, days_ago, in_days, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def version() -> Any:
    """Terms in force, which Uma accepted as version 1 and has to answer as version 2."""
    policy = asking_policy(slug="terms")
    first = asking_version(policy, effective_at=days_ago(60), published_at=days_ago(61), body=BODY)
    acceptance.accept(person=uma(), version=first, showing=screen_of(first), how=BY_FORM, at=days_ago(50))
    return asking_version(
        policy,
        effective_at=days_ago(1),
        published_at=days_ago(31),
        body=NEXT_BODY,
        what_changed="We keep your data for two years.",
    )


@pytest.fixture
def signed_in() -> Any:
    client = Client()
    client.force_login(people.uma())
    return client


def form_of(page: Any) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.content.decode())
    return dict(fields)


def test_the_page_shows_what_changed_since_the_version_this_person_accepted(
    signed_in: Client, version: Version
) -> None:
    page = signed_in.get("/review/terms/").content.decode()
    assert "since version 1, which you accepted on" in page
    assert "We keep your data for two years." in page
    assert "<ins" in page
    assert "Accept Terms of Service, version 2" in page
    assert "Decline Terms of Service, version 2" in page


@pytest.mark.parametrize(
    ("address", "account"),
    [("uma@example.org", "u***@example.org"), ('"u@ma"@example.org', '"***@example.org'), ("", "Uma")],
)
def test_the_page_says_whose_account_it_is(signed_in: Client, version: Version, address: str, account: str) -> None:
    Person.objects.filter(user=people.uma()).update(name="Uma", address=address)
    shown = html.unescape(signed_in.get("/review/terms/").content.decode())
    assert f"for the account {account}." in shown


@pytest.mark.parametrize("is_translated", [True, False])
def test_a_german_reader_gets_the_german_answers_or_is_told_whose_words_these_are(
    signed_in: Client, is_translated: bool
) -> None:
    policy = asking_policy(slug="terms")
    first = asking_version(policy, effective_at=days_ago(60), published_at=days_ago(61), body=BODY)
    acceptance.accept(person=uma(), version=first, showing=screen_of(first), how=BY_FORM, at=days_ago(50))
    for number in (2, 3):
        asking_version(
            policy,
            effective_at=days_ago(9 - number),
            published_at=days_ago(40 - number),
            body=f"{NEXT_BODY}\n{number}\n",
            translations={"de": f"Nummer {number}.\n"},
            answers={"de": GERMAN} if is_translated else {},
            **MATERIAL,
        )
    page = signed_in.get("/review/terms/", headers={"Accept-Language": "de"})
    words = page.content.decode()
    assert words.count(f'<dd lang="de" dir="ltr">{GERMAN["impact"]}</dd>') == 2 * is_translated
    assert words.count(f'<dd lang="en" dir="ltr">{MATERIAL["impact"]}</dd>') == 2 * (not is_translated)
    assert words.count("gibt es auf Englisch") == 2 * (not is_translated)
    form = {**form_of(page), "answer": "accept", "agree": "yes"}
    signed_in.post("/review/terms/", form, headers={"Accept-Language": "de"})
    act = Act.objects.latest()
    assert (act.language, act.text_sha256) == ("de", act.version.texts.get(language="de").sha256)
    assert act.manifest_sha256 == act.version.manifest_sha256


def test_the_box_is_not_ticked(signed_in: Client, version: Version) -> None:
    (box,) = re.findall(r'<input type="checkbox"[^>]*>', signed_in.get("/review/terms/").content.decode())
    assert "checked" not in box


def test_looking_records_nothing(signed_in: Client, version: Version) -> None:
    before = Act.objects.count()
    for method in (signed_in.get, signed_in.head):
        assert method("/review/terms/?answer=accept&agree=yes").status_code == 200
    assert Act.objects.count() == before


def test_accepting_leads_to_a_receipt_with_undo(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get("/review/terms/"))
    page = signed_in.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"}, follow=True)
    assert "You accepted the Terms of Service, version 2" in page.content.decode()
    assert "Undo this answer" in page.content.decode()
    assert acceptance.outstanding(person=uma(), at=clock.now()) == ()


def test_a_decline_in_another_window_after_an_acceptance_is_said_not_to_count(
    signed_in: Client, version: Version
) -> None:
    here, there = (form_of(signed_in.get("/review/terms/")) for _ in range(2))
    signed_in.post("/review/terms/", {**here, "answer": "accept", "agree": "yes"})
    page = signed_in.post("/review/terms/", {**there, "answer": "decline"}, follow=True).content.decode()
    assert "You accepted the Terms of Service, version 2" in page
    assert "your decline was not recorded" in page


def test_an_act_keeps_the_words_the_screen_and_when_it_was_shown(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get("/review/terms/"))
    signed_in.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"}, headers={"Sec-GPC": "1"})
    act = Act.objects.latest()
    assert "pressing “Accept Terms of Service, version 2”" in act.wording
    assert act.screen is not None
    assert act.compared_with is not None
    assert act.displayed_at is not None
    assert act.screen.template == "review/answer.html"
    assert act.rendering == rendering.rendering_of(version.text_in("en")).bound
    assert (act.compared_with.number, act.gpc) == (1, True)
    assert act.displayed_at <= act.at


SAID = "2027-03-01T14:30:05+01:00[Europe/Berlin]"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(SAID, SAID), ("", ""), ("soon", ""), ("2027-03-01T14:30:05+01:00[<b>]", ""), (SAID + "\n", ""), (SAID * 9, "")],
)
def test_the_clock_of_the_device_is_kept_as_a_claim(signed_in: Client, version: Version, sent: str, kept: str) -> None:
    form = form_of(signed_in.get("/review/terms/"))
    signed_in.post("/review/terms/", {**form, "answer": "accept", "agree": "yes", "client_time": sent})
    act = Act.objects.latest()
    assert act.client_time == kept
    assert abs(act.at - clock.now()) < timedelta(minutes=1)


@pytest.mark.parametrize(("is_on", "kept"), [(False, (None, "")), (True, ("127.0.0.0", "Studio/1"))])
def test_network_and_browser_are_kept_only_where_a_setting_says_so(
    signed_in: Client, version: Version, settings: Any, is_on: bool, kept: Any
) -> None:
    settings.RECORD_NETWORK_ADDRESS = is_on
    form = form_of(signed_in.get("/review/terms/"))
    signed_in.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"}, headers={"User-Agent": "Studio/1"})
    subject = ActSubject.objects.get(subject_ref=Act.objects.latest().subject_ref)
    assert (subject.network_address, subject.user_agent) == kept


def test_accepting_needs_the_tick(signed_in: Client, version: Version) -> None:
    before = Act.objects.count()
    page = signed_in.post("/review/terms/", {**form_of(signed_in.get("/review/terms/")), "answer": "accept"})
    assert page.status_code == 422
    assert "Tick the box first" in page.content.decode()
    assert Act.objects.count() == before


def test_declining_says_what_stops_and_offers_export_and_deletion(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get("/review/terms/"))
    page = signed_in.post("/review/terms/", {**form, "answer": "decline"}, follow=True).content.decode()
    assert "You declined the Terms of Service, version 2" in page
    assert "You cannot use your account until you accept" in page
    assert "/account/export/" in page
    assert "/account/leave/" in page


def test_deciding_later_records_that_the_text_was_shown(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get("/review/terms/"))
    signed_in.post("/review/terms/", {**form, "answer": "later"})
    assert Act.objects.latest().kind == "displayed"


def test_a_newer_version_meanwhile_records_nothing_and_shows_what_is_new(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get("/review/terms/"))
    now = clock.now()
    asking_version(version.policy, effective_at=now, published_at=now, body=NEXT_BODY + "\nNew.\n")
    before = Act.objects.count()
    page = signed_in.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"})
    assert page.status_code == 409
    assert "What is new since version 2, which you were reading" in page.content.decode()
    assert Act.objects.count() == before


def test_today_is_answered_while_another_version_is_announced_and_each_page_leads_to_the_other(
    signed_in: Client, version: Version
) -> None:
    form = form_of(signed_in.get("/review/terms/"))
    asking_version(version.policy, effective_at=in_days(30), published_at=clock.now(), body=NEXT_BODY + "\nNew.\n")
    today = signed_in.get("/review/terms/?next=/demo/product/").content.decode()
    assert 'href="?version=3&amp;next=/demo/product/"' in today
    assert "Accept Terms of Service, version 2" in today
    ahead = signed_in.get("/review/terms/?version=3").content.decode()
    assert 'href="?version=2"' in ahead
    assert "Accept Terms of Service, version 3" in ahead
    answered = signed_in.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"})
    assert (answered.status_code, Act.objects.latest().version) == (302, version)
    left = signed_in.get("/review/terms/").content.decode()
    assert "Accept Terms of Service, version 3" in left
    assert "?version=" not in left


def forged(form: dict[str, str]) -> list[dict[str, str]]:
    return [
        {**form, "manifest": "0" * 64},
        {**form, "screen": form["screen"][:-2] + "xx"},
        {"manifest": form["manifest"]},
        {"screen": form["screen"]},
    ]


def test_forged_forms_record_nothing(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get("/review/terms/"))
    before = Act.objects.count()
    for fields in forged(form):
        assert signed_in.post("/review/terms/", {**fields, "answer": "accept", "agree": "yes"}).status_code == 409
    assert Act.objects.count() == before


def test_a_form_shown_to_somebody_else_records_nothing(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get("/review/terms/"))
    oscar = people.oscar()
    oscar.person = uma().__class__.objects.create(joined_at=days_ago(90), address="oscar@example.org")
    oscar.save()
    other = Client()
    other.force_login(oscar)
    assert other.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"}).status_code == 409


def test_an_old_form_records_nothing(signed_in: Client, version: Version, time_machine: Any) -> None:
    form = form_of(signed_in.get("/review/terms/"))
    time_machine.move_to(clock.now() + timedelta(hours=12, minutes=1))
    signed_in.force_login(people.uma())
    page = signed_in.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"})
    assert page.status_code == 409


def test_undo_asks_again(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get("/review/terms/"))
    receipt = signed_in.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"}).headers["Location"]
    page = signed_in.post(f"{receipt}undo/", follow=True).content.decode()
    assert "You took back your answer" in page
    assert len(acceptance.outstanding(person=uma(), at=clock.now())) == 1


def test_the_account_lists_what_was_told_shown_and_accepted(signed_in: Client, version: Version) -> None:
    page = signed_in.get("/account/").content.decode()
    assert "You accepted version 1 on" in page
    assert "/p/terms/v/1/" in page
    assert "You accepted the Terms of Service, version 1" in page


def test_the_export_holds_every_act(signed_in: Client, version: Version) -> None:
    data = signed_in.get("/account/export/").json()
    assert data["person"]["address"] == "uma@example.org"
    assert [entry["what"] for entry in data["story"]] == ["agreed"]


def test_asking_for_deletion_is_recorded_and_shown(signed_in: Client, version: Version) -> None:
    signed_in.post("/account/leave/", {"policy": "terms"})
    assert "You asked for your account to be deleted" in signed_in.get("/account/").content.decode()
    assert uma().deletion_requests.count() == 1


def test_a_code_by_mail_signs_in_and_is_recorded_as_such(client: Client, version: Version) -> None:
    cache.clear()  # so many ask in a minute
    client.post("/sign-in/login/code/", {"email": people.uma().email})
    (code,) = re.findall(r"^    (\S+)$", str(mail.outbox[0].body), re.MULTILINE)
    client.post("/sign-in/login/code/confirm/", {"code": code})
    form = form_of(client.get("/review/terms/"))
    client.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"})
    assert Act.objects.latest().strength == "code"


def test_nobody_signs_up(client: Client) -> None:
    assert "Accounts are not opened here" in client.get("/sign-in/signup/").content.decode()


PERSONAL = ["/review/", "/review/terms/", "/account/", "/account/export/", "/account/leave/", "/demo/product/"]


@pytest.mark.parametrize("address", PERSONAL)
def test_a_visitor_is_sent_to_sign_in(client: Client, version: Version, address: Any) -> None:
    for response in (client.get(address), client.post(address)):
        assert response.status_code in {302, 405}
        assert response.status_code == 405 or response.headers["Location"].startswith("/sign-in/person/?next=")


@pytest.mark.parametrize("address", PERSONAL)
def test_oscar_sees_and_changes_nothing(client: Client, version: Version, address: Any) -> None:
    client.force_login(people.oscar())
    before = Act.objects.count()
    assert "Uma" not in client.get(address).content.decode()
    client.post(address, {"answer": "accept", "agree": "yes", "policy": "terms"})
    assert Act.objects.count() == before
    assert uma().deletion_requests.count() == 0


def test_a_receipt_is_found_by_its_giver_only(signed_in: Client, version: Version) -> None:
    form = form_of(signed_in.get("/review/terms/"))
    receipt = signed_in.post("/review/terms/", {**form, "answer": "accept", "agree": "yes"}).headers["Location"]
    oscar = people.oscar()
    oscar.person = uma().__class__.objects.create(joined_at=days_ago(90))
    oscar.save()
    other = Client()
    other.force_login(oscar)
    assert other.get(receipt).status_code == 404
    assert other.post(f"{receipt}undo/").status_code == 404


def test_a_form_from_elsewhere_is_refused(version: Version) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.uma())
    assert client.post("/review/terms/", {"answer": "decline"}).status_code == 403


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_way_back_stays_on_this_site(signed_in: Client, version: Version, target: Any) -> None:
    form = form_of(signed_in.get("/review/terms/"))
    response = signed_in.post("/review/terms/", {**form, "answer": "accept", "agree": "yes", "next": target})
    assert "evil" not in response.headers["Location"]
    assert "javascript" not in response.headers["Location"]


def test_a_policy_that_asks_nothing_says_so(signed_in: Client) -> None:
    make_version()
    slug = make_version().policy.slug
    assert "does not ask you for an answer" in signed_in.get(f"/review/{slug}/").content.decode()


def test_signing_in_leads_back_to_the_question(client: Client, version: Version) -> None:
    cache.clear()  # so many ask in a minute
    page = client.get(client.get("/review/terms/").headers["Location"])
    assert form_of(page)["next"] == "/review/terms/"
    asked = client.post("/sign-in/login/code/", {"email": people.uma().email, "next": "/review/terms/"})
    (code,) = re.findall(r"^    (\S+)$", str(mail.outbox[0].body), re.MULTILINE)
    form = form_of(client.get(asked.headers["Location"]))
    response = client.post("/sign-in/login/code/confirm/", {**form, "code": code})
    assert response.headers["Location"] == "/review/terms/"


def test_what_is_wrong_stands_on_top_with_the_way_to_it(signed_in: Client, version: Version) -> None:
    fields = form_of(signed_in.get("/review/terms/"))
    refused = signed_in.post("/review/terms/", {**fields, "answer": "accept"})
    shown = refused.content.decode()
    first = (
        "<title>Error: ",
        "autofocus",
        "Your answer was not recorded",
        '<a href="#agree">Tick the box first',
        "<h1>",
    )
    parts = (
        *first,
        'href="#your-answer">Go to your answer',
        'id="must-tick">Tick the box first',
        'aria-invalid="true"',
    )
    assert refused.status_code == 422
    assert sorted(parts, key=shown.index) == list(parts)
    assert 'aria-describedby="statement must-tick"' in shown
    assert "must-tick" not in signed_in.get("/review/terms/").content.decode()
