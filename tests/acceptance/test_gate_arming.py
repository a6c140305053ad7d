"""Before a gate is armed the desk sees whom it would stop, and from when; reading that stops nobody."""

from datetime import timedelta

import pytest

from policies import acceptance
from policies.acceptance import gate_arming, waiting
from policies.admin.desk.page_links import version_url
from policies.models import Acceptance, Act, Policy
from tests import people
from tests.acceptance.asking import BY_FORM, NOW, asking_policy, asking_version, screen_of, uma
from tests.factories import make_approved, make_draft, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_a_draft_would_stop_everybody_it_binds_after_the_days_of_grace() -> None:
    policy = asking_policy(audiences=("studio",), grace_period_days=10)
    bound = [make_person(audiences=("studio",)) for _ in range(12)]
    make_person(), make_person(audiences=("studio",), closed_at=NOW - timedelta(days=1))
    draft = make_draft(policy, acceptance=Acceptance.EXPLICIT, effective_at=NOW + timedelta(days=30))
    found = gate_arming.dry_run(version=draft, at=NOW)
    assert found is not None
    assert (found.people, found.starts_at) == (12, NOW + timedelta(days=40))
    assert found.sample == tuple(bound[:10])


def test_of_a_published_one_those_who_agreed_are_left_out() -> None:
    version = asking_version(asking_policy(), effective_at=NOW + timedelta(days=9), published_at=NOW)
    silent = make_person()
    acceptance.accept(person=uma(), version=version, showing=screen_of(version), how=BY_FORM, at=NOW)
    waiting.complete_standings(at=NOW)
    found = gate_arming.dry_run(version=version, at=NOW)
    assert found is not None
    assert (found.people, found.sample) == (1, (silent,))


@pytest.mark.parametrize("fields", [{"acceptance": Acceptance.NONE}, {"acceptance": Acceptance.CONTINUED_USE}])
def test_what_asks_nothing_stops_nobody(fields: dict[str, str]) -> None:
    assert gate_arming.dry_run(version=make_draft(asking_policy(), **fields), at=NOW) is None
    optional = make_draft(asking_policy(is_optional=True), acceptance=Acceptance.EXPLICIT)
    assert gate_arming.dry_run(version=optional, at=NOW) is None


def test_the_desk_reads_it_before_publishing_and_names_only_to_those_who_may() -> None:
    uma()
    version = make_approved(asking_policy(), acceptance=Acceptance.EXPLICIT)
    client = people.signed_in(people.edith())
    for verb in ("change", "publish"):
        page = client.get(version_url(version, verb)).content.decode()
        assert "1 person would be stopped at once" in page
        assert "Uma Berg" not in page
    assert not Act.objects.exists()


def test_how_a_policy_asks_is_set_at_the_desk() -> None:
    policy = asking_policy(slug="terms")
    client = people.signed_in(people.edith())
    page = f"/admin/policies/policy/{policy.pk}/change/"
    form = client.get(page).context["adminform"].form
    fields = {name: value for name, value in form.initial.items() if value not in {None, False}}
    fields |= {"renewal_months": 12, "grace_period_days": 5, "deletion_days": 20, "is_optional": "on"}
    tiers = {"tiers-TOTAL_FORMS": 0, "tiers-INITIAL_FORMS": 0}
    assert client.post(page, {**fields, **tiers}).status_code == 302
    policy = Policy.objects.get(pk=policy.pk)
    assert (policy.renewal_months, policy.grace_period_days, policy.deletion_days) == (12, 5, 20)
    assert policy.is_optional
