"""A simple limit on what costs time: so many a minute for one caller, counted in Django's cache."""

import hashlib

from django.core.cache import cache


def is_over(name: str, caller: object, *, per_minute: int, minute: int) -> bool:
    """
    Count one call and say whether `caller` has made more than `per_minute` of them in this `minute` (of the epoch).

    With the default cache each process counts for itself; a shared cache makes the limit exact.
    """
    return _counts_over(f"limit:{name}:{caller}:{minute}", per_minute, seconds=120)


def is_over_lately(name: str, caller: object, *, most: int, seconds: int) -> bool:
    """Count one call and say whether `caller` has made more than `most` within `seconds` of the first of them."""
    digest = hashlib.sha256(str(caller).encode()).hexdigest()  # no address in a shared cache, nor a key too long for it
    return _counts_over(f"limit:{name}:{digest}", most, seconds=seconds)


def _counts_over(key: str, most: int, *, seconds: int) -> bool:
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key) > most
    except ValueError:  # evicted between the two calls: a fresh count
        return False
