"""The demo as it stands right after loading."""

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from policies import acceptance, publishing
from policies.demo import cast, content, loading
from policies.demo.mailbox import Mailbox
from policies.models import (
    Act,
    ActSubject,
    AuditEvent,
    Delivery,
    Notice,
    Person,
    Policy,
    PromiseCheck,
    User,
    Version,
)
from policies.notices.report import notice_audit
from tests.demo.conftest import LOADED_AT
from tests.factories import make_policy

pytestmark = pytest.mark.xdist_group("filled")  # with all who read what takes seconds to load

SLUGS = ["account-terms", "encore-privacy", "patchbay-privacy", "plainmaster-privacy", "studio-privacy"]


def codes(version: Version) -> set[tuple[str, bool | None]]:
    return {(line["code"], line["kept"]) for line in PromiseCheck.objects.get(version=version).lines}


def numbered(slug: str, number: int) -> Version:
    return Version.objects.get(policy__slug=slug, number=number)


def test_there_are_five_policies_and_about_three_hundred_people(demo: loading.Loaded) -> None:
    assert demo == loading.Loaded(policies=5, versions=15, drafts=2, people=301)


@pytest.mark.parametrize("slug", SLUGS)
def test_each_policy_has_three_versions_one_of_them_upcoming(demo: loading.Loaded, slug: str) -> None:
    versions = Version.objects.filter(policy__slug=slug)
    assert versions.published().count() >= 3
    assert versions.in_force(LOADED_AT).count() == versions.upcoming(LOADED_AT).count() == 1


@pytest.mark.parametrize("slug", SLUGS)
def test_every_version_in_force_has_its_promise_read(demo: loading.Loaded, slug: str) -> None:
    version = Version.objects.filter(policy__slug=slug).in_force(LOADED_AT).get()
    assert version.promises.standing().get().tiers.exclude(anchor="").exists()


def test_the_channels_of_the_studio_are_lost_and_nothing_is_invented(demo: loading.Loaded) -> None:
    assert codes(numbered("studio-privacy", 3)) == {("channels-unknown", None)}
    assert numbered("studio-privacy", 1).imported
    assert numbered("studio-privacy", 3).tells_people


def test_only_a_significant_change_of_encore_tells_people(demo: loading.Loaded) -> None:
    assert numbered("encore-privacy", 2).tells_people
    assert not numbered("encore-privacy", 3).tells_people


def test_encore_was_last_updated_more_than_a_year_ago(demo: loading.Loaded) -> None:
    published_at = numbered("encore-privacy", 2).published_at
    assert published_at is not None
    assert published_at < LOADED_AT - timedelta(days=366)


def test_nobody_has_an_account_at_plainmaster_and_nothing_acts_back(demo: loading.Loaded) -> None:
    upcoming = numbered("plainmaster-privacy", 3)
    assert not upcoming.tells_people
    upcoming.retroactive = True
    check = publishing.promise_check.check(version=upcoming, at=LOADED_AT, reached_at=LOADED_AT)
    assert "never-retroactive" in {line.code for line in check.broken}


def test_patchbay_has_two_tiers_and_only_one_of_them_tells_people(demo: loading.Loaded) -> None:
    assert [numbered("patchbay-privacy", number).tier for number in (2, 3)] == ["significant", "material"]
    assert [numbered("patchbay-privacy", number).tells_people for number in (2, 3)] == [True, False]


def test_the_terms_are_announced_before_effect_and_ask(demo: loading.Loaded) -> None:
    upcoming = numbered("account-terms", 3)
    assert ("notice-before-effect", True) in codes(upcoming)
    assert (upcoming.acceptance, upcoming.published_at) == ("explicit", LOADED_AT)
    assert {text.language for text in upcoming.texts.all()} == {"en", "de"}


def test_one_draft_waits_for_ravi_and_one_for_edith(demo: loading.Loaded) -> None:
    drafts = {draft.policy.slug: draft.status for draft in Version.objects.drafts().select_related("policy")}
    assert drafts == {"encore-privacy": "in_review", "patchbay-privacy": "draft"}


def test_the_cast_has_just_its_roles(demo: loading.Loaded) -> None:
    roles = {user.email: set(user.groups.values_list("name", flat=True)) for user in User.objects.all()}
    assert roles == {member.address: set(member.roles) for member in cast.CAST}
    assert not User.objects.get(email=cast.OSCAR.address).is_staff


def test_some_people_have_no_address_and_two_share_one(demo: loading.Loaded) -> None:
    addresses = [person.address for person in Person.objects.all()]
    assert addresses.count("") == len(cast.WITHOUT_ADDRESS)
    assert addresses.count("the.duo@example.net") == 2
    assert {address.partition("@")[2] for address in addresses if address} == set(cast.DOMAINS)


def test_uma_has_to_answer_and_the_product_waits_for_her(demo: loading.Loaded) -> None:
    uma = Person.objects.get(user__email=cast.UMA.address)
    (question,) = acceptance.outstanding(person=uma, at=LOADED_AT)
    assert question.stage(LOADED_AT) == acceptance.Stage.GATE
    assert question.accepted == numbered("account-terms", 1)
    assert question.version == numbered("account-terms", 2)
    assert question.following is not None
    assert question.following.version == numbered("account-terms", 3)


def test_people_accepted_different_versions_and_some_declined(demo: loading.Loaded) -> None:
    kinds = [(act.version.number, act.kind) for act in Act.objects.select_related("version")]
    assert kinds.count((1, "agreed")) > kinds.count((2, "agreed")) > 200
    assert 5 < kinds.count((2, "declined")) < 30


def test_nobody_is_mailed_a_receipt_for_an_answer_of_the_past(demo: loading.Loaded) -> None:
    assert not ActSubject.objects.exclude(receipt_due_at=None).exists()


def test_only_the_newest_terms_are_still_to_be_announced(demo: loading.Loaded) -> None:
    assert list(Version.objects.awaiting_notice(LOADED_AT)) == [numbered("account-terms", 3)]
    assert set(Notice.objects.values_list("state", flat=True)) == {"done"}
    assert not Notice.objects.filter(audience_count=0).exists()


@pytest.mark.parametrize(("slug", "number"), [("encore-privacy", 2), ("account-terms", 2), ("studio-privacy", 3)])
def test_everybody_of_then_was_told_or_has_a_reason(demo: loading.Loaded, slug: str, number: int) -> None:
    notice = Notice.objects.get(version=numbered(slug, number), stream="legal")
    told = Delivery.objects.filter(notice=notice)
    assert told.count() == notice.audience_count > 30
    assert not told.exclude(state="accepted").filter(state__in=["queued", "claimed", "sending"]).exists()
    assert not told.filter(state="suppressed", reason="").exists()


def test_the_notices_of_the_past_agree_with_their_own_record(demo: loading.Loaded) -> None:
    assert [broken for notice in Notice.objects.all() for broken in notice_audit.check(notice)] == []


def test_vera_was_told_of_plainmaster_and_the_mails_of_the_past_can_be_read(demo: loading.Loaded) -> None:
    mails = list(Mailbox(settings.VAR_DIR / "mailbox").envelopes(cast.VERA_ADDRESS))
    assert any("Plainmaster" in mail.subject for mail in mails)
    assert max(mail.at for mail in mails) < LOADED_AT


def test_the_desk_is_mailed_only_what_waits_for_ravi(demo: loading.Loaded) -> None:
    news = AuditEvent.objects.filter(desk_mail=None, verb="version.submitted")
    assert [event.version.policy.slug for event in news if event.version] == ["encore-privacy"]


def test_the_people_are_the_same_each_time() -> None:
    once, again = (
        [(person.name, person.address, person.joined_at) for person in cast.people(loaded_at=LOADED_AT)]
        for _ in range(2)
    )
    assert once == again


def test_loading_again_changes_nothing(demo: loading.Loaded) -> None:
    events = AuditEvent.objects.count()
    out = StringIO()
    call_command("load_demo", stdout=out)
    assert "nothing was changed" in out.getvalue()
    assert AuditEvent.objects.count() == events


def test_the_past_is_on_the_record_in_its_order(demo: loading.Loaded) -> None:
    published = list(AuditEvent.objects.filter(verb="version.published").order_by("id").values_list("at", flat=True))
    answered = list(Act.objects.order_by("id").values_list("at", flat=True))
    assert published == sorted(published)
    assert answered == sorted(answered)


@pytest.mark.parametrize("day", range(0, 366, 61))
def test_each_day_of_the_year_has_its_dates_in_order(day: int) -> None:
    loaded_at = LOADED_AT + timedelta(days=day)
    for policy in content.read_all():
        zone = Policy(time_zone=policy.fields["time_zone"]).zone
        decided = [version.decided_at(loaded_at=loaded_at, zone=zone) for version in policy.versions]
        assert decided == sorted(decided)
        assert max(decided) <= loaded_at


def test_other_data_is_not_mixed_with_the_demo(db: None) -> None:
    make_policy()
    with pytest.raises(CommandError, match="RESET=1"):
        call_command("load_demo")


def test_there_is_no_demo_in_production(db: None, settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="POLICYSITE_DEMO=1"):
        call_command("load_demo")
    assert not Policy.objects.exists()
