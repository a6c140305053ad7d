"""Problems as RFC 9457 has them: a type with a page of its own, a title, what happened, and the status."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as Malformed

from policies import acceptance, rendering
from policies.text import bounded

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
STATUS = {"not-open": 409, "not-theirs": 403, "stale-render": 409, "version-superseded": 409, "already-accepted": 409}


class Problem(Exception):
    """Anything that ends a call: `code` names it for programs."""

    def __init__(self, status: int, code: str, title: str, **details: object) -> None:
        super().__init__(title)
        self.status, self.code, self.title, self.details = status, code, title, details


def of_status(status: int) -> Problem:
    """The problem behind a status that no call of the API chose itself."""
    code, title = {
        403: ("forbidden", "This is not for you, or your session is over: sign in again."),
        404: ("not-found", "There is nothing here."),
        405: ("method-not-allowed", "This address does not take that method."),
        413: ("too-large", "The body is larger than 2 MB."),
        429: ("too-many", "Too many requests in this minute."),
        500: ("our-fault", "Something failed on our side. It was logged."),
        503: ("away", "The database cannot be reached for a moment."),
    }.get(status, ("malformed", "This request cannot be answered."))
    return Problem(status, code, title)


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks: below /api/, or by what it takes (RFC 9110, 12.5.1). Who does not say is shown a page."""
    if request.path_info.startswith("/api/"):
        return True
    takes_json = "json" in request.headers.get("Accept", "")
    return takes_json and request.get_preferred_type(["text/html", "application/json", MEDIA_TYPE]) != "text/html"


def respond(problem: Problem) -> HttpResponse:
    body = {
        "type": f"{settings.SITE_URL}/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        **problem.details,
    }
    response = JsonResponse(body, status=problem.status, content_type=MEDIA_TYPE)
    if problem.status == 429:
        response.headers["Retry-After"] = "60"
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def register(api: NinjaAPI) -> None:
    """Turn every way a call can end badly into a problem; whatever is unforeseen shows nothing of itself."""
    handlers: dict[type[Exception], Any] = {
        Problem: lambda problem: problem,
        acceptance.Superseded: _superseded,
        acceptance.AlreadyAgreed: _already_agreed,
        acceptance.Refused: lambda refusal: Problem(STATUS.get(refusal.code, 409), refusal.code, str(refusal)),
        AuthenticationError: lambda _error: Problem(
            401, "key-needed", "A valid key is needed: Authorization: Bearer ..."
        ),
        Malformed: lambda error: Problem(
            422, "malformed", "The request is not what this call takes.", errors=places(error.errors)
        ),
        ValidationError: lambda error: Problem(422, "malformed", "A value cannot be taken.", errors=_fields(error)),
        RequestDataTooBig: lambda _error: Problem(413, "too-large", "The body is larger than 2 MB."),
        bounded.Stopped: lambda _error: Problem(503, "too-much-work", "These texts take more work than one call may."),
        rendering.NotAsPublished: lambda error: Problem(503, "not-as-published", str(error)),
        Http404: lambda error: Problem(404, "not-found", str(error) or "There is nothing here."),
        HttpError: lambda error: Problem(error.status_code, "malformed", str(error)),
    }
    for kind, handle in handlers.items():
        api.add_exception_handler(kind, _answering(handle))


def _answering(handle: Any) -> Any:
    def answer(request: HttpRequest, error: Exception) -> HttpResponse:  # noqa: ARG001 - ninja's signature
        return respond(handle(error))

    return answer


def _superseded(refusal: acceptance.Superseded) -> Problem:
    current = refusal.current
    return Problem(
        409,
        refusal.code,
        str(refusal),
        current={
            "version": current.number,
            "correction": current.correction,
            "manifest_sha256": current.manifest_sha256,
        },
        redline=f"{settings.SITE_URL}/p/{current.policy.slug}/compare/",
    )


def _already_agreed(refusal: acceptance.AlreadyAgreed) -> Problem:
    reference = str(refusal.act.subject_ref) if refusal.act else None
    return Problem(409, refusal.code, str(refusal), act=reference)


def places(errors: Iterable[Mapping[str, Any]], *, below: str = "") -> list[dict[str, str]]:
    """What is wrong in which place, as pydantic found it; `below` names what it looked at."""
    return [
        {
            "where": ".".join(map(str, filter(None, (below, *found["loc"])))),
            "message": found["msg"].removeprefix("Value error, "),
        }
        for found in errors
    ]


def _fields(error: ValidationError) -> list[dict[str, str]]:
    if not hasattr(error, "error_dict"):
        return [{"where": "", "message": message} for message in error.messages]
    return [{"where": name, "message": text} for name, texts in error.message_dict.items() for text in texts]
