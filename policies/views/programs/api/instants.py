"""Instants as programs write them."""

from datetime import UTC, datetime

from policies import date_formats
from policies.views.programs.api.problems import Problem


def given(at: datetime) -> datetime:
    """
    An instant that is asked about, in UTC.

    :raises Problem: if it cannot be read as `in_utc` asks
    """
    try:
        return in_utc(at)
    except ValueError as error:
        raise Problem(422, "malformed", str(error)) from error


def in_utc(at: datetime) -> datetime:
    """
    The same instant in UTC: databases do not take every offset that ISO 8601 allows.

    :raises ValueError: for one without an offset, or one so near the ends of time that some zone does not have it
    """
    if at.tzinfo is None:
        raise ValueError("An instant needs an offset, such as 2027-03-01T12:00:00Z.")
    return date_formats.within_reach(at).astimezone(UTC)
