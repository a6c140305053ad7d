"""The API's description for people: made from the OpenAPI description, without a script from anywhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from policies.views.programs.api import api
from policies.views.shared import responses
from policies.views.shared.origins import open_to_all

TITLES = {
    "people": _("People"),
    "answers": _("Answers"),
    "versions": _("Versions"),
    "log": _("The public log"),
    "outside": _("In an app, or in another page"),
}


@dataclass(frozen=True)
class Value:
    """A parameter, or a field of what is sent or comes back."""

    name: str
    kind: str
    note: str
    is_needed: bool


@dataclass(frozen=True)
class Call:
    anchor: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    parameters: tuple[Value, ...]
    sent: tuple[Value, ...]
    answered: tuple[Value, ...]


@dataclass(frozen=True)
class Group:
    title: object
    calls: tuple[Call, ...]


@open_to_all
@require_safe
def page(request: HttpRequest) -> HttpResponseBase:
    """Every call: what it takes, what it gives, which scope it asks for."""
    return responses.page(request, "policies/api.html", {"groups": groups(translation.get_language())})


@cache
def groups(_language: str | None) -> tuple[Group, ...]:
    """Made once a language: the description does not change while the site runs."""
    schema: dict[str, Any] = api.get_openapi_schema(path_prefix="")
    calls: dict[str, list[Call]] = {tag: [] for tag in TITLES}
    for path, methods in schema["paths"].items():
        for method, described in methods.items():
            calls[described["tags"][0]].append(_call(method, path, described, schema))
    return tuple(Group(title, tuple(calls[tag])) for tag, title in TITLES.items())


def _call(method: str, path: str, described: Mapping[str, Any], schema: Mapping[str, Any]) -> Call:
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    good = next(answer for status, answer in described["responses"].items() if str(status).startswith("2"))
    answered = good.get("content", {}).get("application/json", {}).get("schema")
    return Call(
        anchor=described["operationId"].rpartition("_api_")[2].replace("_", "-"),
        method=method.upper(),
        path=path,
        summary=described["summary"],
        description=described.get("description", ""),
        scope=described.get("x-scope", ""),
        parameters=tuple(_parameter(each, schema) for each in described.get("parameters", ())),
        sent=tuple(_fields(body, schema)) if body else (),
        answered=tuple(_fields(answered, schema)) if answered else (),
    )


def _parameter(given: Mapping[str, Any], schema: Mapping[str, Any]) -> Value:
    note = given.get("description") or given["schema"].get("description", "")
    kind = f"{_kind(given['schema'], schema)}, {given['in']}"
    return Value(given["name"], kind, note, given.get("required", False))


def _fields(given: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Value]:
    """The fields of an object, or of each object in a list."""
    found = _resolved(given, schema)
    if found.get("type") == "array":
        found = _resolved(found["items"], schema)
    needed = set(found.get("required", ()))
    for name, described in found.get("properties", {}).items():
        yield Value(name, _kind(described, schema), described.get("description", ""), name in needed)


def _kind(described: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Such as “string, at most 200 characters”."""
    if "anyOf" in described:
        return " | ".join(_kind(each, schema) for each in described["anyOf"])
    found = _resolved(described, schema)
    if "enum" in found:
        return " | ".join(map(str, found["enum"]))
    if found.get("type") == "array":
        return str(_("list of %(what)s") % {"what": _kind(found["items"], schema)})
    name = str(found.get("format") or found.get("type", "any"))
    longest = found.get("maxLength")
    return str(_("%(kind)s, at most %(n)d characters") % {"kind": name, "n": longest}) if longest else name


def _resolved(described: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in described:
        return described
    found: Mapping[str, Any] = schema["components"]["schemas"][described["$ref"].rpartition("/")[2]]
    return found
