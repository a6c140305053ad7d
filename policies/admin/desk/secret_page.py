"""A secret on a page of its own, once: it is kept nowhere, and no page of the desk goes into a cache."""

from dataclasses import dataclass

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from policies.admin.desk.base import frame


@dataclass(frozen=True)
class Secret:
    """What to show, what to do with it, and where to go then."""

    title: str
    value: str
    words: str
    then: str


def show(request: HttpRequest, secret: Secret, *, of: admin.ModelAdmin, obj: models.Model) -> HttpResponse:  # type: ignore[type-arg]
    context = {**frame(of, request, obj, secret.title), "secret": secret, "back": secret.then}
    return render(request, "admin/secret.html", context)
