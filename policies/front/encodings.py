"""How bytes may be packed on their way (RFC 9110, 8.4 and 12.5.3), and what a caller takes."""

import gzip
import sys
from collections.abc import Callable
from functools import lru_cache

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# The best first. Packed once and sent often; brotli's highest levels take seconds for a long text.
PACKED_BY: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda content: bytes(brotli.compress(content, quality=6)),
    "zstd": lambda content: zstd.compress(content, 9),
    # Without the time of day: the same bytes each time.
    "gzip": lambda content: gzip.compress(content, 6, mtime=0),
}
PACKED_TYPES = ("text/", "application/json", "application/feed+json", "application/atom+xml", "application/xml")
# Shorter ones fit into one packet anyway.
FEWEST_BYTES = 1_000


def is_worth_packing(content_type: str, content: bytes) -> bool:
    return len(content) >= FEWEST_BYTES and content_type.startswith(PACKED_TYPES)


@lru_cache(maxsize=1_000)
def wanted(accepted: str) -> str:
    """
    Choose from an Accept-Encoding header; empty where nothing is to be packed.

    Equally welcome ones are chosen by our order. Nothing here is refused: whoever takes no bytes as they are gets them
    so all the same, as the RFC allows.
    """
    weights = dict(map(_weight, accepted.lower().split(",")))
    others = weights.get("*", 0.0)
    best = max(PACKED_BY, key=lambda name: weights.get(name, others))
    weight = weights.get(best, others)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else ""


def _weight(item: str) -> tuple[str, float]:
    name, _, parameters = item.partition(";")
    given = next((each.strip()[2:] for each in parameters.split(";") if each.strip().startswith("q=")), "1")
    try:
        return name.strip(), float(given)
    except ValueError:
        return name.strip(), 0.0
