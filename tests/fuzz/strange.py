"""What nobody types and somebody sends: values for addresses, queries, fields, headers and calls of the API."""

from random import Random
from typing import Any

NUL, SURROGATE = "\x00", "\ud800"
INSTANTS = (
    *("0001-01-01", "9999-12-31", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999-14:00"),
    *("0001-01-01T00:00:00+14:00", "10000-01-01", "-0001-01-01", "2026-02-30", "2026-06-01T25:00:00Z", "1e400"),
    *("Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -1400 GMT"),
)
NUMBERS = ("-1", "0", "2147483648", "9223372036854775808", "1" * 400, "1.5", "NaN", "0x10", "\u0661", "\u00b2", "1_0")
TEXTS = (
    *(
        "",
        " ",
        "a\x00b",
        NUL,
        f"x{SURROGATE}",
        "\ufffe",
        "\u202egnp",
        "e\u0301" * 50,
        "'",
        '"><b>',
        "%",
        "%00",
        "%s{0}",
    ),
    *("../../etc/passwd", "a\r\nb: c", "x" * 3000, "[]", "{}", "null", "\\", "[", "*", "a,b,,", "\U0010ffff"),
)
# Names that pages read, and those of the lists of the desk.
NAMES = (
    *("as_of", "at", "before", "after", "limit", "old", "new", "start", "size", "index", "q", "o", "p", "e", "all"),
    *("next", "state", "policy", "language", "at__year", "at__month", "at__day", "at__gte", "pk__in", "id__exact"),
    *("status__exact", "policy__id__exact", "actor__id__exact", "is_staff__exact", "_changelist_filters", "_to_field"),
    *("term", "app_label", "model_name", "field_name", "_popup", "groups__id__exact", "asked_at__year", "token"),
)
HEADERS = (
    *("Accept-Datetime", "Accept-Language", "If-Modified-Since", "If-None-Match", "Range", "Authorization", "Referer"),
    *("Origin", "Accept", "X-Forwarded-For", "X-Request-ID", "User-Agent", "Sec-GPC", "Content-Type", "Cookie"),
)
COOKIES = ("sessionid", "csrftoken", "django_language", "messages")
IN_COOKIES = ("a\\000", "\\377", "a\\012b", "b", "")


def value(random: Random) -> str:
    return random.choice(random.choice((INSTANTS, NUMBERS, TEXTS)))


def header(random: Random) -> tuple[str, str]:
    """Servers hand on no line breaks and no NUL in headers; in cookies they can be written as octal numbers."""
    name = random.choice(HEADERS)
    if name == "Cookie":
        return name, f'{random.choice(COOKIES)}="{random.choice(IN_COOKIES)}"'
    told = value(random).translate(dict.fromkeys(range(32)))
    return name, told.encode("utf-8", "replace").decode("latin-1")


def anything(random: Random, depth: int = 0) -> Any:
    """A value of JSON."""
    kind = random.randrange(8 if depth < 2 else 6)
    if kind == 6:
        return [anything(random, depth + 1) for _ in range(random.randrange(3))]
    if kind == 7:
        return {value(random): anything(random, depth + 1) for _ in range(random.randrange(3))}
    simple = (None, True, 0, -1, 2**31, 2**63, 10**300, 1.5, -0.0, float("nan"))
    return random.choice(simple) if kind == 0 else value(random)
