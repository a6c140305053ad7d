"""The desk's first page: what waits for whom, and what is on its way."""

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from pytest_django import Settings

from policies import authoring, clock, review
from policies.admin.first_page import set_up, to_do
from policies.admin.notice import page as notice_page
from policies.models import AuditEvent, DeskMail, NoticeSeen, Policy, User, Version
from policies.notices.upkeep import desk_mail, trial_mails
from policysite.running import processes
from tests import factories, people
from tests.admin import desk
from tests.notices import telling

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root@example.org", people.PASSWORD, name="Root")


def tasks(user: User) -> list[str]:
    return [task.what for task in to_do.waiting_for(user, at=clock.now())]


def submitted(by: User) -> Version:
    """A version in review that `by` alone wrote."""
    draft = desk.material_draft()
    Version.objects.filter(pk=draft.pk).update(started_by=by)
    authoring.save_draft(version=draft, by=by, at=clock.now())
    return review.submit(version=draft, by=by, at=clock.now())


def test_who_is_told_of_a_draft_that_was_handed_in_is_named(edith: Client) -> None:
    people.ravi()
    draft = desk.material_draft()
    authoring.save_draft(version=draft, by=people.edith(), at=clock.now())
    desk.press(edith, draft, "submit")
    assert "Submitted. Ravi Nair is told by mail." in edith.get("/admin/").content.decode()


def test_nobody_is_said_to_be_told_where_nobody_can_approve(root: User) -> None:
    draft = desk.material_draft()
    Version.objects.filter(pk=draft.pk).update(started_by=root)
    authoring.save_draft(version=draft, by=root, at=clock.now())
    client = people.signed_in(root)
    desk.press(client, draft, "submit")
    shown = client.get(f"/admin/policies/version/{draft.pk}/change/").content.decode()
    assert "Submitted. Nobody was told. Nobody can approve yet:" in shown
    assert '<a href="/admin/policies/user/add/">give somebody the role approver</a>' in shown
    assert "Review this version" not in shown
    desk_mail.tell(at=clock.now())
    assert DeskMail.objects.get(event=AuditEvent.objects.get(verb="version.submitted")).recipients == 0


def test_what_somebody_wrote_does_not_wait_for_their_own_approval(root: User) -> None:
    submitted(root)
    assert "Review it" not in tasks(root)
    assert "Nobody can approve it: give somebody the role approver" in tasks(root)
    ravi = people.ravi()
    assert "Review it" in tasks(ravi)
    assert "Nobody can approve it: give somebody the role approver" not in tasks(root)


def test_in_solo_mode_it_does(root: User) -> None:
    version = submitted(root)
    factories.change_terms(version.policy, solo=True)
    assert "Review it" in tasks(root)


def test_a_promise_that_nobody_read_is_a_task_and_is_named_on_the_publish_page() -> None:
    both = factories.make_user(is_staff=True)
    both.groups.set(Group.objects.filter(name__in=["author", "publisher"]))
    draft = factories.make_approved(factories.make_version().policy)
    words = "Record what it promises about changes"
    assert tasks(both).count(words) == 1
    assert words not in tasks(people.ravi())
    page = people.signed_in(both).get(f"/admin/policies/version/{draft.pk}/publish/").content.decode()
    assert "Nobody has recorded what this text itself promises about changes" in page
    quote = "We tell you by e-mail 30 days before a material change takes effect."
    tier = authoring.TierReading("material", quote, channels=["email"], notice_days=30)
    for version in (draft.based_on, draft):
        assert version
        authoring.record_promise(version=version, tiers=[tier], by=both, at=clock.now())
    assert words not in tasks(both)
    page = people.signed_in(both).get(f"/admin/policies/version/{draft.pk}/publish/").content.decode()
    assert "Nobody has recorded what this text itself promises" not in page


def test_a_running_notice_is_in_flight(edith: Client) -> None:
    telling.people(2)
    assert "In flight" not in edith.get("/admin/").content.decode()
    notice = telling.open_notice()
    shown = edith.get("/admin/").content.decode()
    assert "In flight" in shown
    assert "0 of 2 reached (0.0 %), 2 waiting." in shown
    assert notice_page.url(notice) in shown


def test_the_shelf_names_every_version_that_is_announced(edith: Client) -> None:
    policy = factories.make_version().policy
    for days in (10, 20):
        factories.make_version(policy, effective_at=factories.in_days(days), published_at=factories.days_ago(1))
    shown = edith.get("/admin/").content.decode()
    assert "Version 2 takes effect on" in shown
    assert "version 3 takes effect on" in shown


def test_whom_no_mail_reached_is_not_said_to_have_seen_the_notice() -> None:
    lost, _told = factories.make_person(address=""), factories.make_person()
    notice = telling.open_notice()
    so_far = "1 not reached by mail: will see it on the site when they sign in (%d so far)."
    assert notice_page.sentence(notice).endswith(so_far % 0)
    NoticeSeen.objects.create(version=notice.version, person=lost, at=clock.now())
    assert notice_page.sentence(notice).endswith(so_far % 1)


def steps(user: User) -> dict[str, bool]:
    return {step.words: step.is_done for step in set_up.of(user)}


def test_setting_up_is_seen_in_what_is_there_and_goes_when_all_is_done(root: User, settings: Settings) -> None:
    settings.ORGANIZATION = set_up.UNNAMED
    client = people.signed_in(root)
    assert list(steps(root).values()) == [False] * 7
    shown = client.get("/admin/").content.decode()
    assert "Set up" in shown
    assert '<a href="/admin/policies/policy/add/">Make a policy</a>' in shown
    settings.ORGANIZATION = "Northwind"
    trial_mails.send(to=root, at=clock.now())
    assert [words for words, is_done in steps(root).items() if is_done] == list(steps(root))[:2]
    draft = factories.make_draft(started_by=root)
    authoring.record_promise(version=draft, tiers=[], by=root, at=clock.now())
    assert [words for words, is_done in steps(root).items() if not is_done] == list(steps(root))[5:]
    people.ravi()
    factories.make_version(draft.policy)
    assert steps(root) == {}
    assert "Set up" not in client.get("/admin/").content.decode()


def test_a_test_mail_goes_to_whoever_asks_in_every_language(root: User) -> None:
    client = people.signed_in(root)
    sent = client.post(f"/admin/policies/user/{people.ravi().pk}/test-mail/", follow=True).content.decode()
    assert f"The mail server took {len(mail.outbox)} test mails." in sent
    assert {address for message in mail.outbox for address in message.to} == {"root@example.org"}
    assert "Testmail von Northwind Audio" in [message.subject for message in mail.outbox]


def test_a_mail_server_that_takes_none_is_named(root: User, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", processes.free_port()
    answer = people.signed_in(root).post(f"/admin/policies/user/{root.pk}/test-mail/")
    assert answer.status_code == 409
    assert "The mail server did not take the mail: " in answer.content.decode()
    assert not AuditEvent.objects.filter(verb="mail.tested").exists()


def test_after_a_policy_was_added_its_page_is_next(edith: Client) -> None:
    form = {
        "title": "Terms",
        "slug": "terms",
        "contact": "legal@example.org",
        "language": "en",
        "kind": "terms",
        "date_precision": "day",
        "time_zone": "Europe/Berlin",
        "acceptance": "none",
        "has_accounts": "on",
        "tiers-TOTAL_FORMS": 0,
        "grace_period_days": 0,
        "renewal_months": 0,
        "deletion_days": 30,
        "review_interval_months": 12,
        "tiers-INITIAL_FORMS": 0,
    }
    added = edith.post("/admin/policies/policy/add/", form, follow=True)
    policy = Policy.objects.get(slug="terms")
    assert added.redirect_chain[-1][0] == f"/admin/policies/policy/{policy.pk}/change/"
    assert "Import the text you have" in added.content.decode()


def test_time_zones_are_offered_and_a_wrong_one_is_refused_in_words(edith: Client) -> None:
    offered = edith.get("/admin/policies/policy/add/").content.decode()
    assert '<option value="America/Chicago">' in offered
    refused = edith.post("/admin/policies/policy/add/", {"time_zone": "Berlin"}).content.decode()
    assert "“Berlin” is not a time zone. Use a name such as Europe/Berlin." in refused
