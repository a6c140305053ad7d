"""What programs send. Everything in it is read, or is an error that names itself: nothing is dropped in silence."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from ninja import Schema
from ninja.operation import Operation
from pydantic import AfterValidator, BeforeValidator, ConfigDict, field_validator

from policies import date_formats
from policies.text.words import language_tags
from policies.views.programs.api import instants
from policies.views.programs.api.problems import Problem, respond

Run = Callable[..., HttpResponseBase]
MALFORMED = "The request is not what this call takes."


def _instant(value: object) -> datetime:
    """Numbers are no instants: seconds and milliseconds since 1970 cannot be told from a mistake."""
    try:
        return datetime.fromisoformat(value.upper()) if isinstance(value, str) else _no_text(value)
    except ValueError as error:
        raise ValueError("Write an instant as 2027-03-01T12:00:00Z.") from error


def _day(value: object) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _no_text(value)
    except ValueError as error:
        raise ValueError("Write a day as 2027-03-01.") from error


def _no_text(value: object) -> Any:
    raise ValueError(f"{value!r} is no text.")


Instant = Annotated[datetime, BeforeValidator(_instant)]
Day = Annotated[date, BeforeValidator(_day)]


def _language(value: str) -> str:
    try:
        return language_tags.canonical(value)
    except ValueError as error:
        raise ValueError(f"“{value[:50]}” is no tag of a language. Write one such as de or pt-BR.") from error


# What is not there falls back: de-AT to de, and that to the policy's authoritative language.
Language = Annotated[str, AfterValidator(_language)]


class Given(Schema):
    """
    The body of a call: no field that it does not know, no value of another type, instants in UTC, and no day at the
    ends of time.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    @field_validator("*")
    @classmethod
    def _can_be_kept(cls, value: object) -> object:
        if isinstance(value, datetime):
            return instants.in_utc(value)
        return date_formats.within_reach(value) if isinstance(value, date) else value


def refusing_unknown_parameters(run: Run) -> Run:
    """Wrap a call's `run`: a parameter that it does not know, or that stands there twice, is an error."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]
    known = {
        str(name)
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    }

    def checked(request: HttpRequest, **path: Any) -> HttpResponseBase:
        return wrong_parameters(request, known) or run(request, **path)

    return checked


def wrong_parameters(request: HttpRequest, known: Collection[str]) -> HttpResponse | None:
    """The answer to a request with a parameter that is not known, or stands there twice; None where there is none."""
    wrong = [
        {"where": f"query.{name}", "message": _twice_or_unknown(name, known)}
        for name, values in request.GET.lists()
        if name not in known or len(values) > 1
    ]
    return respond(Problem(422, "malformed", MALFORMED, errors=wrong)) if wrong else None


def _twice_or_unknown(name: str, known: Collection[str]) -> str:
    if name in known:
        return "It stands there twice."
    return f"There is no such parameter. {'It takes ' + ', '.join(sorted(known)) if known else 'It takes none'}."
