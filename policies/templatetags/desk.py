"""What the desk's first page asks for, and how the desk prints an instant."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from policies import clock
from policies.admin.desk import instant_formats
from policies.admin.first_page import in_flight as on_the_way
from policies.admin.first_page import set_up
from policies.admin.first_page.to_do import Task, waiting_for
from policies.admin.policy.page import Shelved, shelf_of
from policies.models import Policy, User, Version

register = template.Library()

GROUPS = (
    (_("Texts"), ("Policy", "Version", "Promise")),
    (_("People"), ("Person", "Notice", "DeletionRequest")),
    (_("Record"), ("AuditEvent", "Review", "Revision")),
    (_("This site"), ("User", "Appearance", "WebhookEndpoint", "ApiKey")),
)


@register.filter
def in_zone_of(instant: datetime, version: Version) -> str:
    """An instant as the desk prints it: in the legal zone of a version, by its name."""
    return instant_formats.in_zone(instant, version.zone)


@register.filter
def grouped(apps: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The lists that somebody may see, by what they are for; what no group names comes last."""
    there = {model["object_name"]: model for app in apps for model in app["models"]}
    found = [(str(title), [there.pop(name) for name in names if name in there]) for title, names in GROUPS]
    return [(title, models) for title, models in [*found, (gettext("More"), list(there.values()))] if models]


@register.simple_tag
def waiting(user: User) -> list[Task]:
    """What waits for this user."""
    return waiting_for(user, at=clock.now())


@register.simple_tag
def setting_up(user: User) -> list[set_up.Step]:
    """What a new organization still has to do; nothing once all is done."""
    return set_up.of(user)


@register.simple_tag
def in_flight(user: User) -> list[on_the_way.Flight]:
    """The notices that go out now, for those who may look at them."""
    return on_the_way.of(user)


@register.simple_tag
def shelf() -> list[Shelved]:
    """Every policy in one line; empty where the desk is new."""
    return [shelf_of(policy, at=clock.now()) for policy in Policy.objects.all()]
