"""A simple limit on what costs time: so many a minute for one caller, counted in Django's cache."""

from django.core.cache import cache


def is_over(name: str, caller: object, *, per_minute: int, minute: int) -> bool:
    """
    Count one call and say whether `caller` has made more than `per_minute` of them in this `minute` (of the epoch).

    With the default cache each process counts for itself; a shared cache makes the limit exact.
    """
    key = f"limit:{name}:{caller}:{minute}"
    cache.add(key, 0, timeout=120)
    try:
        return cache.incr(key) > per_minute
    except ValueError:  # evicted between the two calls: a fresh count
        return False
