"""Instants in words: in the policy's legal zone, and in UTC."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils import formats


def in_zone(instant: datetime, zone: ZoneInfo) -> str:
    """Such as “April 14, 2027, 00:00 (Europe/Berlin)”."""
    local = instant.astimezone(zone)
    return f"{formats.date_format(local, 'DATE_FORMAT')}, {local:%H:%M} ({zone.key})"


def in_utc(instant: datetime) -> str:
    """Such as “2027-04-13 22:00 UTC”."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
