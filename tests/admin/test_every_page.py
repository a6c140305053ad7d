"""What holds for every page of the desk, those made tomorrow included."""

import io
import re
import zipfile

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from policies import api_keys, authoring, clock, ledger
from policies.admin.version.admin import VersionAdmin
from policies.models import AuditEvent, Person, Version, WebhookEndpoint
from tests import factories, people
from tests.admin.addresses import every_address, state_of_the_database
from tests.admin.conftest import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_filled_desk() -> None:
    """One row at least of what the desk shows."""
    people.uma()
    version = factories.make_version()
    quote = "We tell you by e-mail 30 days before a material change takes effect."
    tier = authoring.TierReading("material", quote, channels=["email"], notice_days=30)
    authoring.record_promise(version=version, tiers=[tier], by=people.edith(), at=clock.now())
    draft = authoring.start_draft(policy=version.policy, by=people.edith(), at=clock.now())
    WebhookEndpoint.objects.create(name="Studio", url="https://studio.example/", created_at=clock.now())
    api_keys.create(name="Studio", scopes=["people:read"], period=None, by=None, at=clock.now())
    draft.reviews.create(manifest_sha256="0" * 64, answer="changes_requested", by=people.ravi(), at=clock.now())


def test_all_pages_are_found() -> None:
    names = set(every_address())
    verbs = (route.partition("/")[0].replace("-", "_") for route in [*VersionAdmin.verbs, *VersionAdmin.pages])
    assert {f"admin:policies_version_{verb}" for verb in verbs} <= names
    assert {f"admin:policies_{m}_change" for m in ("policy", "version", "person", "review", "promise")} <= names


def test_only_our_own_tables_are_at_the_desk() -> None:
    """What other apps register knows neither our roles nor our record: what a role may do is ours, and fixed."""
    nouns = "apikey appearance auditevent deletionrequest notice person policy promise review revision user version"
    nouns += " webhookendpoint"
    assert {model._meta.label_lower for model in admin.site._registry} == {f"policies.{n}" for n in nouns.split()}


def test_nobody_changes_how_others_sign_in() -> None:
    """A sign-in address, a second factor or a password set at the desk would take an account over for good."""
    assert {name for name in every_address() if re.search("emailaddress|authenticator|password", name)} == set()


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_lets_a_visitor_or_oscar_in(method: str, oscar: Client) -> None:
    before = state_of_the_database()
    for path in every_address().values():
        for client in (Client(), oscar):
            answer = getattr(client, method)(path)
            assert answer.status_code in {302, 403}, path
            assert answer.status_code == 403 or answer.url.startswith("/admin/login/"), path
    assert state_of_the_database() == before


def test_oscar_is_told_whom_to_ask(oscar: Client) -> None:
    answer = oscar.get("/admin/", follow=True)
    assert answer.status_code == 403
    assert "has no place at the desk" in answer.content.decode()


def test_a_visitor_is_sent_to_sign_in() -> None:
    answer = Client().get("/admin/policies/policy/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/sign-in/login/")
    assert answer.redirect_chain[-1][0].endswith("?next=/admin/policies/policy/")


def test_whoever_signs_in_never_leaves_the_site(edith: Client) -> None:
    assert edith.get("/admin/login/?next=https://evil.example/")["Location"] == "/admin/"


@pytest.mark.parametrize("who", ["edith", "ravi", "root"])
def test_reading_changes_nothing(who: str, sign_in: SignIn) -> None:
    user = factories.make_user(is_staff=True, is_superuser=True) if who == "root" else getattr(people, who)()
    client, before = sign_in(user), None
    addresses = every_address()
    before = state_of_the_database()
    for path in addresses.values():
        assert client.get(path).status_code in {200, 302, 403, 404}, path
    after = state_of_the_database()
    for label, rows in before.items():
        unseen = {"last_login"}
        assert [{k: v for k, v in r.items() if k not in unseen} for r in after[label]] == [
            {k: v for k, v in r.items() if k not in unseen} for r in rows
        ], label


def test_no_page_deletes_rows_in_passing(sign_in: SignIn) -> None:
    client = sign_in(factories.make_user(is_staff=True, is_superuser=True))
    pages = {name: path for name, path in every_address().items() if name.endswith("_delete")}
    assert {name for name, path in pages.items() if client.get(path).status_code != 403} == set()
    for model_admin in admin.site._registry.values():
        if model_admin.opts.app_label == "policies":
            assert model_admin.get_actions(client.get("/admin/").wsgi_request) == {}


def test_support_finds_one_person_at_a_time_and_never_a_whole_address(sign_in: SignIn) -> None:
    support = factories.make_user(is_staff=True)
    support.groups.add(Group.objects.get(name="support"))
    client, url = sign_in(support), "/admin/policies/person/"
    assert "Uma" not in client.get(url).content.decode()
    found = client.get(url, {"q": "Uma Berg"}).content.decode()
    assert "u***@example.org" in found
    uma = Person.objects.get(address="uma@example.org")
    assert "uma@example.org" not in client.get(f"{url}{uma.pk}/change/").content.decode()


def counsel(sign_in: SignIn) -> Client:
    user = factories.make_user(is_staff=True)
    user.groups.add(Group.objects.get(name="counsel"))
    return sign_in(user)


def test_counsel_sees_what_applied_to_a_person_at_an_instant(sign_in: SignIn) -> None:
    uma = Person.objects.get(address="uma@example.org")
    client, page = counsel(sign_in), f"/admin/policies/person/{uma.pk}/change/"
    now = client.get(page).content.decode()
    assert "uma@example.org" in now
    assert "Version 1" in now
    before = client.get(page, {"at": "2020-01-01T00:00"}).content.decode()
    assert "At 2020-01-01 00:00 UTC" in before
    assert "nothing yet" in before
    assert "Enter an instant as" in client.get(page, {"at": "yesterday"}).content.decode()


@pytest.mark.parametrize("about", ["person", "version"])
def test_counsel_takes_an_evidence_pack_and_that_is_on_the_record(about: str, sign_in: SignIn) -> None:
    version = Version.objects.published().get()
    uma = Person.objects.get(address="uma@example.org")
    publishing_leaf(version)
    answer = counsel(sign_in).post(f"/admin/policies/{about}/{(uma if about == 'person' else version).pk}/evidence/")
    assert answer["Content-Type"] == "application/zip"
    assert "verify.py" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert AuditEvent.objects.filter(verb="evidence.packed").count() == 1


def publishing_leaf(version: Version) -> None:
    """A version that factories put on the record as rows has no leaf of its own."""
    ledger.append(kind="publication", reference=str(version.pk), body={"number": version.number}, at=clock.now())


def test_the_list_of_versions_takes_as_many_queries_for_many_as_for_few(
    edith: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    policy = factories.make_policy()
    for _ in range(5):
        factories.make_version(policy)
    with django_assert_max_num_queries(14):
        page = edith.get("/admin/policies/version/").content.decode()
    assert page.count("superseded") >= 4
