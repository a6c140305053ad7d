"""What every page says about the site it belongs to, without asking the request, the session or the database."""

from django import template
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def site_name() -> str:
    """Name the organization whose policies these are."""
    name: str = settings.ORGANIZATION
    return name


@register.filter
def cleaned(html: str) -> SafeString:
    """Mark stored HTML as what it is: the output of policies.text, which lets nothing active through."""
    return mark_safe(html)  # noqa: S308 - the one place; policies.text.structure.markdown.clean() made it safe
