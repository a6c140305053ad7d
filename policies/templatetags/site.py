"""What every page says about the site it belongs to, without asking the request, the session or the database."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def site_name() -> str:
    """Name the organization whose policies these are."""
    name: str = settings.ORGANIZATION
    return name
