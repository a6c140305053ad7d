"""Dates as readers are told them."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import translation

from policies import date_formats
from tests import factories

BASE = Path(settings.BASE_DIR)
BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT_IN_BERLIN = datetime(2026, 5, 19, 22, tzinfo=UTC)


def test_a_day_is_said_in_the_legal_zone_with_utc_within_reach() -> None:
    said = date_formats.with_place(MIDNIGHT_IN_BERLIN, BERLIN)
    assert said.words == "May 20, 2026 (Berlin)"
    assert said.machine == "2026-05-20T00:00+02:00"
    assert said.full == "May 20, 2026, 00:00 Europe/Berlin = 2026-05-19 22:00 UTC"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["May 20, 2026 (Prague)", "May 2026", "May 20, 2026, 00:00 Europe/Prague = 2026-05-19 22:00 UTC"]),
        ("de", ["20. Mai 2026 (Prag)", "Mai 2026", "20. Mai 2026, 00:00 Europe/Prague = 2026-05-19 22:00 UTC"]),
        ("fr", ["20 mai 2026 (Prague)", "mai 2026", "20 mai 2026, 00:00 Europe/Prague = 2026-05-19 22:00 UTC"]),
        (
            "es",
            ["20 de mayo de 2026 (Praga)", "mayo de 2026",
             "20 de mayo de 2026, 0:00 Europe/Prague = 2026-05-19 22:00 UTC"],
        ),
    ],
)  # fmt: skip
def test_a_date_is_said_in_the_readers_language(language: str, said: list[str]) -> None:
    with translation.override(language):
        placed = date_formats.with_place(MIDNIGHT_IN_BERLIN, ZoneInfo("Europe/Prague"))
        assert [placed.words, date_formats.month(MIDNIGHT_IN_BERLIN), placed.full] == said


READERS = [
    path for path in (BASE / "templates").rglob("*.*") if path.relative_to(BASE / "templates").parts[0] != "admin"
]


def test_no_page_of_readers_says_a_date_in_another_way() -> None:
    """Django's own filter is for machines here: its words are those of a locale of Django, not of CLDR."""
    for_machines = re.compile(r"""\|date:["'](?:c|Y-m-d(?: H:i:s)?)["']""")
    said = {path.name: for_machines.sub("", path.read_text()) for path in READERS}
    assert [name for name, words in said.items() if re.search(r"\|(?:date|time)\b", words)] == []
    assert len(said) > 100


@pytest.mark.parametrize(
    ("zone", "said"),
    [("Etc/GMT+5", "UTC−05:00"), ("Etc/GMT-14", "UTC+14:00"), ("Etc/UTC", "UTC"), ("America/New_York", "New York")],
)
def test_a_zone_is_named_so_that_nobody_takes_it_for_its_opposite(zone: str, said: str) -> None:
    assert date_formats.place(ZoneInfo(zone)) == said


@pytest.mark.django_db
def test_a_month_is_never_said_as_a_day() -> None:
    policy = factories.make_policy(date_precision="month")
    version = factories.make_version(policy, published_at=datetime(2025, 8, 12, tzinfo=UTC))
    assert date_formats.last_updated(version).words == "August 2025"
    assert date_formats.last_updated(version).machine == "2025-08"
    assert date_formats.effect(version).words == "August 2025"
    assert not date_formats.differs_from_effect(version)


@pytest.mark.django_db
def test_an_announced_day_is_said_even_where_updates_are_dated_to_the_month() -> None:
    policy = factories.make_policy(date_precision="month")
    published_at, effective_at = datetime(2025, 8, 12, tzinfo=UTC), datetime(2025, 8, 30, tzinfo=UTC)
    version = factories.make_version(policy, published_at=published_at, effective_at=effective_at)
    assert date_formats.effect(version).words == "August 30, 2025 (UTC)"
    assert date_formats.differs_from_effect(version)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("2026-05-20", "2026-05-19T22:00:00", "2026-05-20T21:59:59.999999"),
        # The days on which clocks change, which are longer and shorter than others.
        ("2026-10-25", "2026-10-24T22:00:00", "2026-10-25T22:59:59.999999"),
        ("2026-03-29", "2026-03-28T23:00:00", "2026-03-29T21:59:59.999999"),
        ("2026-05-20T14:30Z", "2026-05-20T14:30:00", "2026-05-20T14:30:00"),
        ("2026-05-20T14:30", "2026-05-20T12:30:00", "2026-05-20T12:30:00"),
        ("2026-05-20T14:30 02:00", "2026-05-20T12:30:00", "2026-05-20T12:30:00"),
    ],
)
def test_a_day_or_an_instant_is_read_in_the_legal_zone(asked: str, first: str, last: str) -> None:
    assert [moment.replace(tzinfo=None).isoformat() for moment in date_formats.read_moment(asked, BERLIN)] == [
        first,
        last,
    ]


@pytest.mark.parametrize(
    "asked", ["", "soon", "2026-13-01", "2026-02-30", "0001-01-01", "9" * 5000, "2026-05-20T99:99"]
)
def test_what_is_no_date_is_refused_with_words(asked: str) -> None:
    with pytest.raises(date_formats.NotADate, match="2026-03-01"):
        date_formats.read_moment(asked, ZoneInfo("Asia/Tokyo"))
