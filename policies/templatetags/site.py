"""What every page says about the site it belongs to, without asking the request or the session."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from policies.look import in_use

register = template.Library()


@register.simple_tag(takes_context=True)
def site_look(context: template.Context) -> in_use.Look:
    """How the organization's pages look: as it is in use, or as the page of the desk that shows another one says."""
    shown = context.get("shown_look")
    return shown if isinstance(shown, in_use.Look) else in_use.look()


@register.simple_tag(takes_context=True)
def site_name(context: template.Context) -> str:
    """Name the organization whose policies these are."""
    return site_look(context).organization


@register.filter
def cleaned(html: str) -> SafeString:
    """Mark stored HTML as what it is: the output of policies.text, which lets nothing active through."""
    return mark_safe(html)  # noqa: S308 - the one place; policies.text.structure.markdown.clean() made it safe
