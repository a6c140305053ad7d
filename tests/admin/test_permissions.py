"""Who may press what: every role against every button."""

import pytest
from django.contrib.auth.models import Group

from policies import api_keys, authoring, clock, publishing
from policies.admin.desk.page_links import policy_url, translation_url, version_url
from policies.models import WebhookEndpoint
from tests import factories, people
from tests.admin import desk
from tests.admin.conftest import SignIn

pytestmark = pytest.mark.django_db

TRANSLATOR = {"translate", "take_translation_back", "start_from"}
AUTHOR = {
    "submit",
    "start_from",
    "correct",
    "rebase",
    "restore",
    "discard",
    "tidy",
    "new_version",
    "delete_unpublished",
    "import",
    "promise",
} | TRANSLATOR
PUBLISHER = {
    "publish",
    "check_deliverability",
    "postpone",
    "bring_forward",
    "withdraw",
    "rename",
    "retire",
    "confirm",
    "rehearsed",
}
INTEGRATOR = {"keys", "make_key", "revoke", "webhooks", "add_webhook", "webhook", "edit", "secret", "off", "on", "test"}
READER = {"revisions", "rehearsal", "change", "changelist", "roll", "test_mail"}
MAY = {
    "author": AUTHOR | READER,
    "approver": {"review", "translation"} | READER,
    "publisher": PUBLISHER | READER,
    "counsel": READER | {"person", "evidence", "rehearsed", "roll_csv"},
    "support": {"change", "changelist", "person", "rehearsal", "rehearsed", "roll"},
    "integrator": {"change", "changelist", "rehearsal", "roll"} | INTEGRATOR,
    "": set[str](),
}
EVERYTHING = AUTHOR | PUBLISHER | READER | INTEGRATOR | {"review", "translation", "person", "evidence", "roll_csv"}


@pytest.mark.parametrize("role", MAY)
def test_each_role_sees_its_own_buttons_and_no_other(role: str, sign_in: SignIn) -> None:
    user = factories.make_user(is_staff=True)
    user.groups.set(Group.objects.filter(name=role))
    client = sign_in(user)
    opened = {name for name, path in paths().items() if client.get(path).status_code == 200}
    assert opened == MAY[role]


def paths() -> dict[str, str]:
    draft = desk.material_draft()
    draft.revisions.create(number=1, content={"texts": []}, by=draft.started_by, at=draft.started_at)
    verbs = (
        "submit",
        "review",
        "publish",
        "check_deliverability",
        "postpone",
        "bring_forward",
        "withdraw",
        "rebase",
        "discard",
        "revisions",
        "promise",
        "tidy",
        "rehearsal",
        "rehearsed",
    )
    published = factories.make_version()
    text = authoring.TextInput("de", "Datenschutz", "Text.")
    handed_in = publishing.propose_translation(version=published, text=text, by=people.edith(), at=clock.now())
    about_policy = ("new_version", "rename", "retire", "confirm", "import", "delete_unpublished")
    return {
        **{verb: version_url(draft, verb) for verb in (*verbs, "change")},
        **{verb: version_url(published, verb) for verb in ("translate", "correct", "start_from")},
        **{verb: version_url(published, verb) for verb in ("roll", "roll_csv", "test_mail")},
        **{verb: translation_url(handed_in, verb) for verb in ("translation", "take_translation_back")},
        **{verb: policy_url(draft.policy, verb) for verb in about_policy},
        "restore": f"/admin/policies/version/{draft.pk}/restore/1/",
        "changelist": "/admin/policies/version/",
        "person": "/admin/policies/person/",
        "evidence": version_url(draft.policy.versions.published().get(), "evidence"),
        **integrators_paths(),
    }


def integrators_paths() -> dict[str, str]:
    webhook = WebhookEndpoint.objects.create(name="Studio", url="https://studio.example/", created_at=clock.now())
    key, _secret = api_keys.create(name="Studio", scopes=[], period=None, by=None, at=clock.now())
    of_webhooks = "/admin/policies/webhookendpoint/"
    return {
        "keys": "/admin/policies/apikey/",
        "make_key": "/admin/policies/apikey/add/",
        "revoke": f"/admin/policies/apikey/{key.pk}/revoke/",
        "webhooks": of_webhooks,
        "add_webhook": f"{of_webhooks}add/",
        "webhook": f"{of_webhooks}{webhook.pk}/change/",
        **{verb: f"{of_webhooks}{webhook.pk}/{verb}/" for verb in ("edit", "secret", "off", "on", "test")},
    }


def test_all_buttons_are_in_the_matrix() -> None:
    assert set(paths()) == EVERYTHING


@pytest.mark.parametrize("verb", ["submit", "publish", "withdraw", "discard"])
def test_a_button_that_is_not_shown_does_nothing_when_pressed_anyway(verb: str, sign_in: SignIn) -> None:
    counsel = factories.make_user(is_staff=True)
    counsel.groups.set(Group.objects.filter(name="counsel"))
    draft = desk.material_draft()
    assert desk.press(sign_in(counsel), draft, verb).status_code == 403
    draft.refresh_from_db()
    assert draft.status == "draft"
