"""What every page says about the site it belongs to, without asking the request or the session."""

import re
from dataclasses import dataclass

from django import forms, template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from policies import date_formats, language_names
from policies.look import in_use

register = template.Library()

HEADING = re.compile(r"(</?h)([1-6])\b")


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong with what was sent, and the id of its field; none where it is about all of it."""

    words: str
    place: str = ""


@register.simple_tag(takes_context=True)
def site_look(context: template.Context) -> in_use.Look:
    """How the organization's pages look: as it is in use, or as the page of the desk that shows another one says."""
    shown = context.get("shown_look")
    return shown if isinstance(shown, in_use.Look) else in_use.look()


@register.simple_tag(takes_context=True)
def site_name(context: template.Context) -> str:
    """Name the organization whose policies these are."""
    return site_look(context).organization


register.filter("day", date_formats.day)
register.filter("moment", date_formats.moment)


@register.filter
def lang_and_dir(tag: str) -> SafeString:
    """Both attributes of an element with words in a language: which one it is, and how it runs."""
    if not tag:
        return mark_safe('dir="auto"')
    return format_html('lang="{}" dir="{}"', tag, language_names.direction_of(tag))


@register.filter
def cleaned(html: str) -> SafeString:
    """Mark stored HTML as what it is: the output of policies.text, which lets nothing active through."""
    return mark_safe(html)  # noqa: S308 - the one place; policies.text.structure.markdown.clean() made it safe


@register.filter
def below(html: str, levels: int) -> SafeString:
    """The same, with headings so many levels further down: those of a text inside a panel are not the page's own."""
    return cleaned(HEADING.sub(lambda tag: f"{tag[1]}{min(int(tag[2]) + levels, 6)}", html))


@register.simple_tag(takes_context=True)
def all_wrong(context: template.Context) -> list[Wrong]:
    """
    Everything that is wrong with what was sent, whichever way a page has its forms; each page says it first.

    A page has one `form`, or several as `forms`, which know their `errors`; Django's own pages have `adminform`; and
    a page without forms of Django's has `wrong` (`not_taken`).
    """
    admin_form = getattr(context.get("adminform"), "form", None)
    inline = [each for of in context.get("inline_admin_formsets") or () for each in of.formset.forms]
    found = [each for form in (context.get("form"), admin_form, *inline) for each in wrong(form)]
    return found + list(getattr(context.get("forms"), "errors", ())) + list(context.get("wrong") or ())


def not_taken(words: str, place: str = "", *, heading: str = "") -> dict[str, object]:
    """What a page says first whose form was not taken, and the id of the field it is about; nothing without words."""
    return {"wrong": [Wrong(words, place)], "wrong_heading": heading} if words else {}


def wrong(form: object, of: str = "") -> list[Wrong]:
    """Everything that is wrong with a form, with the way there; nothing before it was sent. `of` follows each label."""
    if not isinstance(form, forms.BaseForm) or not form.is_bound:
        return []
    return [_wrong(form, name, str(message), of) for name, found in form.errors.items() for message in found]


def _wrong(form: forms.BaseForm, name: str, message: str, of: str) -> Wrong:
    if name not in form.fields:
        return Wrong(message)
    field = form[name]
    return Wrong(f"{field.label}{of}: {message}", _place(field))


def _place(field: forms.BoundField) -> str:
    """Where the way leads: to the first of several boxes, where there are any."""
    if field.is_hidden:
        return ""
    boxes = list(field.subwidgets) if field.use_fieldset else []
    return str(boxes[0].id_for_label if boxes else field.id_for_label or "")
