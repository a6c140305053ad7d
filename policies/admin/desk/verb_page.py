"""
A button of the desk calls exactly one verb, through a page of its own.

Django wraps its add and change views in a transaction; these pages are views of their own, so that a verb opens and
closes its transaction itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path

from policies.admin.desk import refusal_messages
from policies.admin.desk.base import DeskAdmin, frame, may
from policies.sign_in.showing_again import asking_again


@dataclass(frozen=True)
class Button:
    """The way to a verb's page. The first is the one that is expected, a grave one cannot be taken back."""

    label: str
    url: str
    is_first: bool = False
    is_grave: bool = False


@dataclass(frozen=True)
class Outcome:
    """What to tell the editor after the verb, and the page to go to."""

    said: str
    then: str


# A verb whose outcome can be shown once only, such as a secret, answers with that page itself.
Act = Callable[[Mapping[str, Any]], Outcome | HttpResponse]


class NothingToFill(forms.Form):
    """For verbs that need no more than a yes."""


@dataclass(frozen=True)
class VerbPage:
    """
    What a confirm page says before the button is pressed.

    `paragraphs` say what will happen; `button` says it in one line; `permission` is a codename of this app. What
    `is_binding` asks first who is there, unless they signed in a moment ago: what goes on the record for good, out to
    people, out of the house, or decides who may come in. Each verb says it; there is no default to forget it by.
    """

    title: str
    button: str
    permission: str
    is_binding: bool
    paragraphs: tuple[str, ...] = ()
    is_grave: bool = False
    form_class: type[forms.BaseForm] = NothingToFill
    template: str = "admin/verb.html"
    values: Mapping[str, Any] = field(default_factory=dict)
    initial: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verb:
    """A verb about one row: what its page says, and what its button does."""

    page: VerbPage
    act: Act


class WithVerbs(DeskAdmin):
    """
    Mixed into the admin of a noun: its `verbs`, and its other `pages`, by the parts of their addresses below a row's.

    `"pause": notice_verbs.pause` stands at `.../7/pause/` as policies_notice_pause. What follows the first part, as in
    `again/<int:number>`, goes to the function by its name.
    """

    verbs: Mapping[str, Callable[..., Verb]] = {}
    pages: Mapping[str, Callable[..., HttpResponseBase]] = {}

    def row(self, pk: int) -> models.Model:
        """The row, or 404."""
        row: models.Model = get_object_or_404(self.model, pk=pk)
        return row

    def back_to(self, obj: Any) -> str:
        """Where "back" on a verb's page leads."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        own = [self._path(route, self._asking(verb)) for route, verb in self.verbs.items()]
        own += [self._path(route, self._showing(page)) for route, page in self.pages.items()]
        return [*own, *super().get_urls()]

    def _path(self, route: str, view: Callable[..., HttpResponseBase]) -> URLPattern:
        name = route.partition("/")[0].replace("-", "_")
        return path(
            f"<int:pk>/{route}/", self.admin_site.admin_view(view), name=f"policies_{self.opts.model_name}_{name}"
        )

    def _asking(self, verb: Callable[..., Verb]) -> Callable[..., HttpResponseBase]:
        def view(request: HttpRequest, pk: int, **parts: Any) -> HttpResponseBase:
            obj = self.row(pk)
            asked = verb(request, obj, **parts)
            return confirm(request, page=asked.page, of=self, obj=obj, act=asked.act, back=self.back_to(obj))

        return view

    def _showing(self, page: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        def view(request: HttpRequest, pk: int, **parts: Any) -> HttpResponseBase:
            return page(self, request, self.row(pk), **parts)

        return view


def confirm(
    request: HttpRequest,
    *,
    page: VerbPage,
    of: admin.ModelAdmin,  # type: ignore[type-arg]
    obj: models.Model,
    act: Act,
    back: str,
) -> HttpResponse:
    """
    Show the page on GET; on POST call the verb once and go to `done`. A refusal is shown on the same page (409).
    """
    if not may(request, page.permission):
        raise PermissionDenied
    view = asking_again(_confirm) if page.is_binding else _confirm
    return view(request, page=page, of=of, obj=obj, act=act, back=back)


def _confirm(
    request: HttpRequest,
    *,
    page: VerbPage,
    of: admin.ModelAdmin,  # type: ignore[type-arg]
    obj: models.Model,
    act: Act,
    back: str,
) -> HttpResponse:
    is_sent = request.method == "POST"
    data, files = (request.POST, request.FILES) if is_sent else (None, None)
    form = page.form_class(data, files, initial=dict(page.initial))
    status = 200
    if is_sent and form.is_valid():
        try:
            outcome = act(form.cleaned_data)
        except refusal_messages.EXPECTED as error:
            _add(form, error)
            status = 409
        else:
            if isinstance(outcome, HttpResponse):
                return outcome
            messages.success(request, outcome.said)
            return redirect(outcome.then)
    context = {
        **frame(of, request, obj, page.title),
        "page": page,
        "form": form,
        "back": back,
        **page.values,
    }
    return render(request, page.template, context, status=status)


def _add(form: forms.BaseForm, error: Exception) -> None:
    """Show a refusal: at its field where it names one of the form's, else above the form."""
    named: Mapping[str, Any] = getattr(error, "error_dict", None) or getattr(error, "missing", None) or {}
    for name, found in named.items():
        form.add_error(name if name in form.fields else None, found)
    if not named:
        form.add_error(None, refusal_messages.explain(error))
