"""
What apps and products outside ask and say: the shapes of `views.programs.embed`, for it and for the description.

They are no calls of a key: other origins may ask, and a token that the host signed says who is meant.
"""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from policies.views.programs.api.given import Given
from policies.views.programs.api.versions import SummaryOut

HOST_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token that the host signed with HOST_KEY; it names one person.",
}


class Seen(Given):
    """What an app or the product reports: which version's notice was shown, and whether it was put away."""

    policy: str = Field(..., max_length=80)
    version: int = Field(..., ge=1, lt=1_000_000_000)
    place: Literal["app", "product"] = "app"
    noted: bool = False


class SeenOut(Schema):
    """When the notice was shown first."""

    policy: str
    version: int
    shown_at: datetime


class VersionSaid(Schema):
    """A version as the status tells of it."""

    version: int
    published_at: datetime | None
    effective_at: datetime | None
    change_class: str = Field(..., alias="class")
    tells_people: bool
    acceptance: str
    summary: SummaryOut
    manifest_sha256: str
    url: str


class StatusOut(Schema):
    """Which version is in force and which are coming. Signed: `Policy-Signature`, Ed25519 over the body, base64."""

    policy: str
    title: str
    url: str
    in_force: VersionSaid | None
    upcoming: list[VersionSaid]
    installed: int
    is_current: bool


class NoticeOut(Schema):
    """What the banner shows of one change. `asks`: the person has to answer; otherwise they can put it away."""

    policy: str
    version: int
    words: str
    summary: SummaryOut
    label: str
    url: str
    asks: bool


class IntroductionOut(Schema):
    """The organization's own words before each notice, as plain text; empty where it has none."""

    words: str
    language: str


class NoticesOut(Schema):
    """What a person is to be shown now, and in which language; `dismiss` is the word on the button."""

    introduction: IntroductionOut
    notices: list[NoticeOut]
    dismiss: str
    language: str


INSTALLED = {
    "name": "installed",
    "in": "query",
    "description": "The number of the version that the app has.",
    "schema": {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0},
}
LANGUAGE = {
    "name": "language",
    "in": "query",
    "description": "That of the summaries, where a version has them in it; left out: the policy's.",
    "schema": {"type": "string", "maxLength": 35},
}
SLUG = {"name": "slug", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}}


def paths() -> dict[str, Any]:
    """The three calls, as OpenAPI describes a path."""
    return {
        "/api/v1/policies/{slug}/status": {
            "get": _call(
                "status", "What an app has to know about a policy", StatusOut, parameters=[SLUG, INSTALLED, LANGUAGE]
            )
        },
        "/api/v1/ack": {
            "post": _call("acknowledge", "Report that a notice was shown", SeenOut, body=Seen, by_token=True)
        },
        "/embed/notices.json": {"get": _call("embedded", "What a person is to be shown", NoticesOut, by_token=True)},
    }


def schemas() -> dict[str, Any]:
    """The shapes by their names, as the description refers to them."""
    found: dict[str, Any] = {}
    for model in (Seen, SeenOut, StatusOut, NoticesOut):
        described = model.model_json_schema(ref_template="#/components/schemas/{model}", by_alias=True)
        found |= described.pop("$defs", {})
        found[model.__name__] = described
    return found


def _call(
    name: str,
    summary: str,
    answer: type[Schema],
    *,
    parameters: list[dict[str, Any]] | None = None,
    body: type[Schema] | None = None,
    by_token: bool = False,
) -> dict[str, Any]:
    call: dict[str, Any] = {
        "operationId": f"policies_views_programs_api_outside_{name}",
        "summary": summary,
        "description": (answer.__doc__ or "").strip(),
        "parameters": parameters or [],
        "responses": {200: {"description": "OK", "content": _json(answer)}},
        "tags": ["outside"],
    }
    if body:
        call["requestBody"] = {"content": _json(body), "required": True}
    if by_token:
        call["security"] = [{"HostToken": []}]
    return call


def _json(shape: type[Schema]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}}
