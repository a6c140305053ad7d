"""Lists of tags, `a=b; c=d`, as the records of DKIM (RFC 6376, 3.2) and DMARC (RFC 9989) have them."""

import re
from collections.abc import Mapping


class NotTags(ValueError):
    """It is no list of tags; the message says what is wrong."""


def read(text: str) -> Mapping[str, str]:
    """
    Read tags in their order; names in lower case, blanks around values taken off.

    :raises NotTags: if a part has no equals sign, an odd name, or a name that was there before
    """
    found: dict[str, str] = {}
    for part in text.strip().removesuffix(";").split(";"):
        name, equals, value = part.partition("=")
        name = name.strip().lower()
        if not equals or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise NotTags(f"“{part.strip()[:60]}” is no tag=value")
        if name in found:
            raise NotTags(f"{name} stands there twice")
        found[name] = value.strip()
    return found
