"""
The whole site: every address the resolver knows, with the rows and tokens that open it, and the people who ask.

Tests walk it where something has to hold for each page, those made tomorrow included.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from policies import acceptance, api_keys, authoring, clock, publishing, review
from policies.acceptance import handover
from policies.acceptance.sessions import mailed_code, open_sessions
from policies.models import Act, Follower, Person, Policy, User, Version, WebhookDelivery
from policies.notices import following
from policies.views.people import gate_page
from tests import factories, people
from tests.acceptance.asking import BY_FORM, asking_policy, asking_version, screen_of, uma
from tests.admin import desk
from tests.notices import telling
from tests.people import signed_in
from tests.webhooks import listening

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass(frozen=True)
class Route:
    """An address as the resolver has it. Those without a name are known by their pattern."""

    name: str
    pattern: str
    arguments: frozenset[str]

    @property
    def key(self) -> str:
        """Where a name stands for several addresses, those in another language are told apart."""
        return f"{self.name} in a language" if self.pattern.startswith("p/<slug:slug>/<language") else self.name


def routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(found: Iterable[URLPattern | URLResolver], namespace: str, before: str) -> Iterator[Route]:
    for each in found:
        pattern = before + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _walk(each.url_patterns, inner, pattern)
        else:
            arguments = {*each.pattern.converters, *re.findall(r"\(\?P<(\w+)>", str(each.pattern))}
            yield Route(f"{namespace}{each.name}" if each.name else pattern, pattern, frozenset(arguments))


class World:
    """Rows enough for every page to open, each with a button that may be pressed where there is one."""

    def __init__(self) -> None:
        self.root = User.objects.create_superuser("root@example.org", people.PASSWORD, name="Root")
        self.unpublished = factories.make_policy(slug="unpublished")
        self.uma = uma()
        self.ward = factories.make_person(guardian=self.uma, name="Mia")
        self.told = telling.told_version(translations={"de": factories.BODY}, acceptance="none")
        self.notice = telling.open_notice(self.told)
        self.asking = [self._asking(slug) for slug in ("terms", "rules")]
        self.act = self._accepted()
        self.follower = people.vera(self.told.policy)
        self._desk()

    def _asking(self, slug: str) -> Version:
        return asking_version(asking_policy(slug=slug), effective_at=factories.days_ago(1))

    def _accepted(self) -> Act:
        version = self._asking("accepted")
        self.asking.append(version)
        return self.accept(version, by=self.uma)

    def accept(self, version: Version, *, by: Person) -> Act:
        at = clock.now()
        return acceptance.accept(person=by, version=version, showing=screen_of(version), how=BY_FORM, at=at)

    def _desk(self) -> None:
        """One row at least of each kind; versions in every state."""
        at, edith = clock.now(), people.edith()
        quote = "We tell you by e-mail 30 days before a material change takes effect."
        tier = authoring.TierReading("material", quote, channels=["email"], notice_days=30)
        authoring.record_promise(version=self.told, tiers=[tier], by=edith, at=at)
        self.draft = desk.material_draft()
        authoring.save_draft(version=self.draft, by=edith, at=at)
        factories.make_approved(factories.make_version().policy)
        in_review = desk.material_draft()
        authoring.save_draft(version=in_review, by=edith, at=at)
        review.submit(version=in_review, by=edith, at=at)
        for language in ("fr", "es"):
            text = authoring.TextInput(language, "Confidentialité", factories.BODY)
            publishing.propose_translation(version=self.told, text=text, by=edith, at=at)
        self.with_terms = [self._terms_of(version) for version in (self.told, self.draft, in_review)]
        acceptance.ask_for_deletion(person=self.uma, policy=self.told.policy, at=at)
        api_keys.create(name="Studio", scopes=["people:read"], period=None, by=None, at=at)
        listening.endpoint()
        listening.message()
        factories.make_look(used_at=at, accent="#7a1f5c", logo=factories.LOGO)
        factories.make_look(accent="#124f2a", logo=factories.LOGO)

    def _terms_of(self, version: Version) -> Policy:
        """The policy with its terms on record, and others proposed for it."""
        factories.change_terms(version.policy)
        terms, by = {"grace_period_days": 9}, people.edith()
        publishing.propose_terms(policy=version.policy, terms=terms, reason="Fair.", by=by, at=clock.now())
        return version.policy

    def given(self, route: Route) -> list[dict[str, Any]]:
        """What can stand in an address, one choice after the other; an empty one where it takes nothing."""
        choices: list[dict[str, Any]] = [{}]
        for name in sorted(route.arguments):
            choices = [{**choice, name: value} for choice in choices for value in self._values(route, name)]
        return choices

    def paths(self, route: Route) -> list[str]:
        if not route.arguments and ":" not in route.name and route.name == route.pattern:
            return [f"/{route.pattern}"]
        return [path for given in self.given(route) for path in _reversed(route, given)]

    def _values(self, route: Route, name: str) -> list[Any]:
        if route.pattern.startswith("p/") and name in {"slug", "number"}:
            return [self.told.policy.slug] if name == "slug" else [1]
        special = self._special.get((route.name, name)) or self._usual.get(name)
        if special:
            return special()
        model = model_of(route.name)
        most = 4 if model is Version else 2
        return list(model._default_manager.order_by("-pk").values_list("pk", flat=True)[:most]) if model else [1]

    @cached_property
    def _usual(self) -> dict[str, Callable[[], list[Any]]]:
        return {
            "slug": lambda: ["terms", "accepted", self.told.policy.slug],
            "language": lambda: ["de"],
            "sha256": lambda: ["0" * 64],
            "number": lambda: [1, *WebhookDelivery.objects.values_list("pk", flat=True)[:1]],
            "ending": lambda: ["md", "txt", "json", "html"],
            "before": lambda: [1],
            "after": lambda: [2],
            "size": lambda: [1],
            "reference": lambda: [str(self.act.subject_ref)],
            "ward": lambda: [self.ward.pk],
            "recipient": lambda: [self.uma.pk],
            "external_id": lambda: ["uma"],
            "app_label": lambda: ["policies"],
            "name": lambda: ["nothing"],
            "url": lambda: ["nowhere"],
            "content_type_id": lambda: [ContentType.objects.get_for_model(Policy).pk],
        }

    @cached_property
    def _special(self) -> dict[tuple[str, str], Callable[[], list[Any]]]:
        """Tokens are made when they are used: that of a hand-over is good for two minutes."""
        return {
            ("policies:hand_over", "token"): lambda: [
                handover.issue(person=self.uma, return_to="", source="Studio", at=clock.now())
            ],
            ("policies:stop_following", "token"): lambda: [self.follower.token],
            ("policies:confirm_following", "signed"): lambda: [_confirming()],
            ("policies:noted", "pk"): lambda: [self.told.pk],
            ("admin:policies_version_mail", "pk"): lambda: [self.told.pk],
            ("admin:policies_version_roll", "pk"): lambda: [self.told.pk],
            ("admin:policies_version_roll_csv", "pk"): lambda: [self.told.pk],
            ("admin:policies_policy_delete_unpublished", "pk"): lambda: [self.unpublished.pk],
            ("admin:policies_policy_approve_terms", "pk"): lambda: [self.with_terms[0].pk],
            ("admin:policies_policy_take_back_terms", "pk"): lambda: [self.with_terms[1].pk],
            ("admin:policies_version_translation", "pk"): lambda: [self.told.pk],
            ("admin:policies_version_translation", "language"): lambda: ["fr"],
            ("admin:policies_version_take_translation_back", "pk"): lambda: [self.told.pk],
            ("admin:policies_version_take_translation_back", "language"): lambda: ["es"],
            ("admin:view_on_site", "object_id"): lambda: [self.told.policy_id],
        }


def _confirming() -> str:
    follower, _new = Follower.objects.get_or_create(
        address="new@example.org", policy=None, defaults={"asked_at": clock.now()}
    )
    return following.confirming_link(follower).split("/")[-2]


def _reversed(route: Route, given: dict[str, Any]) -> list[str]:
    try:
        return [reverse(route.name, kwargs=given)]
    except NoReverseMatch:
        # Without a name: the pattern itself, filled in.
        filled = re.sub(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)", lambda at: str(given[at[1] or at[2]]), route.pattern)
        return ["/" + filled.replace("^", "").replace("$", "")]


def model_of(name: str) -> type[Model] | None:
    models = {f"{model._meta.app_label}_{model._meta.model_name}": model for model in admin.site._registry}
    return next((model for start, model in models.items() if re.search(rf"(^|[:/]){start}_", name)), None)


def nobody(_world: World) -> Client:
    return Client()


def by_code(_world: World) -> Client:
    """Uma, signed in by a code that was mailed to her."""
    return signed_in(people.uma(), method="code")


def settled(world: World) -> Client:
    """Somebody who has answered everything."""
    person = factories.make_person()
    for version in world.asking:
        world.accept(version, by=person)
    return signed_in(factories.make_user(person=person), method="code")


def held_back(world: World) -> Client:
    """Uma, whose form the gate kept while she answered."""
    client = by_code(world)
    session = client.session
    session[gate_page.KEPT] = {"address": "/account/leave/", "fields": [["name", "Night drive"]]}
    session.save()
    return client


def halfway(_world: World) -> Client:
    """Somebody who gave a password and has not given the code of their authenticator app."""
    user = factories.make_user()
    totp.TOTP.activate(user, SECRET)
    client = Client()
    client.post("/sign-in/login/", {"login": user.email, "password": people.PASSWORD})
    return client


def waiting_for_a_code(_world: World) -> Client:
    client = Client()
    client.post("/sign-in/login/code/", {"email": people.uma().email})
    return client


def waiting_for_a_persons_code(_world: World) -> Client:
    client = Client()
    client.post("/sign-in/person/", {"address": people.uma().email})
    return client


def with_several_accounts(_world: World) -> Client:
    """Whoever typed their code, and has not said for which of their accounts."""
    client = Client()
    session = client.session
    for _ in range(2):
        factories.make_person(address="family@example.org")
    session[mailed_code.PROVED] = "family@example.org"
    session.save()
    return client


def in_another_browser_too(world: World) -> Client:
    """Whoever has something to end."""
    client = by_code(world)
    for each in (client, by_code(world)):
        open_sessions.note(each.session, user=people.uma(), browser="", network=None, at=clock.now())
    return client


def root(world: World) -> Client:
    """The superuser, with everything that the desk asks for."""
    if not is_mfa_enabled(world.root):
        totp.TOTP.activate(world.root, SECRET)
    return signed_in(world.root, method="mfa")
