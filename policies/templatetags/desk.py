"""What the desk's first page asks for, and how the desk prints an instant."""

from datetime import datetime

from django import template

from policies import clock
from policies.admin.desk import instant_formats
from policies.admin.first_page import in_flight as on_the_way
from policies.admin.first_page import set_up
from policies.admin.first_page.to_do import Task, waiting_for
from policies.admin.policy.page import Shelved, shelf_of
from policies.models import Policy, User, Version

register = template.Library()


@register.filter
def in_zone_of(instant: datetime, version: Version) -> str:
    """An instant as the desk prints it: in the legal zone of a version, by its name."""
    return instant_formats.in_zone(instant, version.zone)


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
