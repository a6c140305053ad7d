"""
Have a shared cache in front (a CDN, a proxy) let go of all public pages when something changed that nobody foresaw.

What changes by itself needs no word: no page is given out for longer than until then. Each process remembers what it
told of; one that just began tells once more than needed.
"""

import logging
import threading

from django.conf import settings

from policies.front import record_look
from policies.webhooks import calling

log = logging.getLogger(__name__)

# What Cloudflare takes; whoever else is called finds all it has to know in the address.
BODY = b'{"purge_everything":true}'
# For a second after a change a process of the site may still show the old page, which the cache then keeps anew.
TIMES = 2


class Purger:
    """One process's memory of what it told the cache of."""

    def __init__(self) -> None:
        self._stamp: record_look.Stamp | None = None
        self._times = 0
        self._lock = threading.Lock()

    def purge_due(self) -> bool:
        """Tell the cache of CACHE_PURGE_URL, where something changed since. Twice does no harm."""
        # A cache that takes long to answer holds one thread of a process and no other.
        if not settings.CACHE_PURGE_URL or not self._lock.acquire(blocking=False):
            return False
        try:
            return self._purge()
        finally:
            self._lock.release()

    def _purge(self) -> bool:
        stamp = record_look.stamp_now()
        if stamp == self._stamp and self._times >= TIMES:
            return False
        headers = {"Content-Type": "application/json", **dict(filter(None, [settings.CACHE_PURGE_HEADER]))}
        answer = calling.post(settings.CACHE_PURGE_URL, BODY, headers, is_trusted=True)
        if not answer.is_good:
            # For as long it may show what was: at most SHARED_SECONDS (policies.front.kept_pages).
            log.warning("CACHE_PURGE_URL was not done (%s); it is called again.", answer.error or answer.status)
            return False
        self._times = self._times + 1 if stamp == self._stamp else 1
        self._stamp = stamp
        return True
