"""The verbs about a look: what each page says, and what its button does."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from policies import clock
from policies.admin.desk.base import user_of
from policies.admin.desk.verb_page import Outcome, Verb, VerbPage
from policies.admin.look import page as look_page
from policies.admin.look.look_form import LookForm, shown_in_form
from policies.look import choosing
from policies.models import Appearance

FORM = "admin/policies/appearance/form.html"
MAY = "change_policy"


class SeenForm(forms.Form):
    """Which look was in use when this one was shown: nobody replaces another that came meanwhile."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


def new(request: HttpRequest) -> Verb:
    """Prepare a look, beginning with what is in use."""
    now = Appearance.objects.used().first()

    def act(data: Mapping[str, Any]) -> Outcome:
        logo = data["logo"] if data["logo"] is not None else bytes(now.logo) if now else b""
        look = choosing.prepare(of=None, values=data["values"], logo=logo, by=user_of(request), at=clock.now())
        return Outcome(gettext("Prepared. See how it looks before you put it into use."), look_page.url(look))

    return Verb(_form_page(gettext("Prepare another look"), now or Appearance()), act)


def edit(request: HttpRequest, look: Appearance) -> Verb:
    """Change what is prepared."""

    def act(data: Mapping[str, Any]) -> Outcome:
        choosing.prepare(of=look, values=data["values"], logo=data["logo"], by=user_of(request), at=clock.now())
        return Outcome(gettext("Saved. See how it looks before you put it into use."), look_page.url(look))

    return Verb(_form_page(gettext("Edit what is prepared"), look), act)


def use(request: HttpRequest, look: Appearance) -> Verb:
    """Let everybody see it."""
    now = Appearance.objects.used().first()

    def act(data: Mapping[str, Any]) -> Outcome:
        choosing.put_into_use(look=look, seen=data["seen"], by=user_of(request), at=clock.now())
        return Outcome(gettext("In use. Every page shows it within a second."), look_page.url(look))

    page = VerbPage(
        title=gettext("Put this look into use"),
        button=gettext("Put into use"),
        permission=MAY,
        is_binding=True,
        paragraphs=(
            gettext("Every page shows it within a second, and mails that are written from now on have it."),
            gettext(
                "Mails of notices that go out already stay as they were written. The record keeps old and new values."
            ),
        ),
        form_class=SeenForm,
        initial=look_page.seen(now),
        template="admin/policies/appearance/use.html",
        values={"changes": look_page.changes(now, look)},
    )
    return Verb(page, act)


def again(request: HttpRequest, look: Appearance) -> Verb:
    """Go back: prepare once more what was in use."""

    def act(_data: Mapping[str, Any]) -> Outcome:
        prepared = choosing.again(look=look, by=user_of(request), at=clock.now())
        return Outcome(gettext("Prepared as it was. See how it looks, and put it into use."), look_page.url(prepared))

    page = VerbPage(
        title=gettext("Prepare this look again"),
        button=gettext("Prepare it again"),
        permission=MAY,
        is_binding=False,
        paragraphs=(gettext("You get a look with the same name, logo, colors and words. Only the desk sees it."),),
    )
    return Verb(page, act)


def discard(_request: HttpRequest, look: Appearance) -> Verb:
    """Throw a prepared look away."""

    def act(_data: Mapping[str, Any]) -> Outcome:
        choosing.discard(look=look)
        return Outcome(gettext("The prepared look is thrown away."), reverse(look_page.LIST))

    page = VerbPage(
        title=gettext("Throw this look away"),
        button=gettext("Throw away"),
        permission=MAY,
        is_binding=False,
        paragraphs=(gettext("Nobody but the desk saw it. What is in use stays as it is."),),
        is_grave=True,
    )
    return Verb(page, act)


def _form_page(title: str, shown: Appearance) -> VerbPage:
    return VerbPage(
        title=title,
        button=gettext("Save and look at it"),
        permission=MAY,
        is_binding=False,
        form_class=LookForm,
        initial=shown_in_form(shown),
        template=FORM,
    )
