"""The API's description of itself: OpenAPI 3.1, with what every call can answer beside its own result."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.operation import Operation

from policies.views.programs.api import outside
from policies.views.programs.api.authentication import Key
from policies.views.programs.api.problems import MEDIA_TYPE
from policies.views.shared import origins

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Names the problem; stable."},
        "title": {"type": "string", "description": "For people."},
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"where": {"type": "string"}, "message": {"type": "string"}},
                "required": ["where", "message"],
            },
        },
    },
}


class Api(NinjaAPI):
    """django-ninja, which knows neither problems, nor what a key may do, nor pages of other origins."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """What needs no key, and the description itself, may be asked by pages of other origins."""
        patterns, app_name, namespace = super().urls
        open_names = {
            "openapi-json",
            *(each.view_func.__name__ for each in self._operations() if each.auth_callbacks == []),
        }
        for pattern in patterns:
            if isinstance(pattern, URLPattern) and pattern.name in open_names:
                origins.open_to_all(pattern.callback, ("GET",))
        return patterns, app_name, namespace

    def get_openapi_schema(self, **options: Any) -> Any:
        """Add to every call the problem it may answer with, and the scope it asks for."""
        schema = super().get_openapi_schema(**options)
        known = schema["components"].setdefault("schemas", {})
        known |= {"Problem": PROBLEM, **outside.schemas()}
        schema["components"].setdefault("securitySchemes", {})["HostToken"] = outside.HOST_TOKEN
        schema["paths"] |= outside.paths()
        scopes = dict(self._scopes())
        for described in (each for methods in schema["paths"].values() for each in methods.values()):
            described["responses"]["4XX"] = {
                "description": "A problem (RFC 9457)",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            if scope := scopes.get(described["operationId"]):
                described["x-scope"] = scope
        return schema

    def _operations(self) -> Iterator[Operation]:
        for router in self._get_bound_routers():
            for view in router.path_operations.values():
                yield from view.operations

    def _scopes(self) -> Iterator[tuple[str, str]]:
        for operation in self._operations():
            yield from self._scope_of(operation)

    def _scope_of(self, operation: Operation) -> Iterator[tuple[str, str]]:
        for callback in operation.auth_callbacks:
            if isinstance(callback, Key):
                yield operation.operation_id or self.get_openapi_operation_id(operation), callback.scope.value
