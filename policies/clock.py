"""The one place that reads the clock. Only the faces call it; domain functions take `at` (DESIGN rule 3)."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)
