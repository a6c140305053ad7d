"""Every address of the desk, filled with the keys of rows that exist."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse

from policies.models import Version

# Open to everybody by Django's own choice: the words of its scripts, and the way in and out.
OPEN = {"admin:jsi18n", "admin:login", "admin:logout"}


def every_address() -> dict[str, str]:
    """Name and path of every page of the desk that the present rows give one to."""
    named = {f"admin:{pattern.name}": pattern for pattern in patterns(admin.site.urls[0]) if pattern.name}
    paths = {name: path_of(name, pattern) for name, pattern in named.items() if name not in OPEN}
    return {name: path for name, path in paths.items() if path}


def patterns(found: Any) -> Iterator[URLPattern]:
    for item in found:
        if isinstance(item, URLResolver):
            yield from patterns(item.url_patterns)
        else:
            yield item


def path_of(name: str, pattern: URLPattern) -> str | None:
    arguments = pattern.pattern.converters
    model = model_of(name)
    row = model._default_manager.order_by("pk").last() if model else None
    key = row and row.pk
    given: dict[str, Any] = {"pk": key, "object_id": key, "number": 1, "language": "en", "app_label": "policies"}
    if {"content_type_id", "url"} & set(arguments) or any(given.get(argument) is None for argument in arguments):
        return None
    try:
        return reverse(name, kwargs={argument: given[argument] for argument in arguments})
    except NoReverseMatch:
        return None


def model_of(name: str) -> type[Model] | None:
    models = {f"admin:{model._meta.app_label}_{model._meta.model_name}_": model for model in admin.site._registry}
    return next((model for start, model in models.items() if name.startswith(start)), None)


def state_of_the_database() -> dict[str, list[dict[str, Any]]]:
    """Every row of the project's own tables."""
    models = Version._meta.apps.get_models()
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in models
        if model._meta.app_label in {"policies", "auth", "admin"}
    }
