"""The five source documents say what shared/seeds/expectations.json holds, and nothing false is warned of."""

import json
from functools import cache

import pytest

from policies.text import lint, reading
from tests.corpus.shared import SEEDS, needs_seeds

pytestmark = needs_seeds

MAI, ELEVEN, MIXMASTER, MOZI, NEUROMIX = (
    "000_0aa3263d8eb16b8c.txt",
    "001_93a9ebca3a5c5054.txt",
    "002_63d21083de6ffa9a.txt",
    "003_871c1a2c86eca831.txt",
    "004_46f1a31f250cbd32.txt",
)
ALL = pytest.mark.parametrize("name", [MAI, ELEVEN, MIXMASTER, MOZI, NEUROMIX])


@cache
def found(name):
    return reading.read((SEEDS / name).read_bytes(), filename=name)


@cache
def expected(name):
    return json.loads((SEEDS / "expectations.json").read_text())[name]


def lines(name, code):
    return [warning.line for warning in found(name).warnings if warning.code == code]


@ALL
def test_title_dates_and_their_place(name):
    want = expected(name)["last_updated"]
    assert found(name).title == expected(name)["title"]["expected"]
    assert [(d.role, d.value, d.precision) for d in found(name).dates] == [
        ("updated", want["value"], want["precision"])
    ]
    assert want["position"].startswith(found(name).dates[0].position)


@ALL
def test_headings_bullets_tables_and_addresses(name):
    want = expected(name)
    assert [(h.level, h.label) for h in found(name).headings] == [(h["level"], h["text"]) for h in want["headings"]]
    assert found(name).list_items == want["bullets"]
    assert [(t.rows, t.columns) for t in found(name).tables] == [(t["rows_body"], t["cols"]) for t in want["tables"]]
    assert set(found(name).emails) == set(want["emails"])


@ALL
def test_page_furniture_is_offered_for_removal_and_nothing_else(name):
    assert list(found(name).furniture) == expected(name)["chrome_lines"]


@ALL
def test_every_lost_list_is_reported_and_no_other(name):
    source = (SEEDS / name).read_text().split("\n")
    leads = {line: number for number, line in enumerate(source, start=1)}
    want = sorted(leads[lead] for lead in expected(name)["lost"]["orphan_lead_ins"])
    assert lines(name, lint.LIST_MISSING) == want


@pytest.mark.parametrize(
    ("name", "want"), [(MAI, [32]), (ELEVEN, []), (MIXMASTER, []), (MOZI, []), (NEUROMIX, [5, 27])]
)
def test_dangling_references(name, want):
    assert lines(name, lint.DANGLING_REFERENCE) == want


@pytest.mark.parametrize(("name", "want"), [(MAI, []), (ELEVEN, []), (MIXMASTER, []), (MOZI, []), (NEUROMIX, [32])])
def test_the_date_promised_at_the_top_stands_elsewhere(name, want):
    assert lines(name, lint.DATE_NOT_AT_TOP) == want


def test_no_other_warning():
    other = {
        name: {w.code for w in found(name).warnings}
        - {lint.LIST_MISSING, lint.DANGLING_REFERENCE, lint.DATE_NOT_AT_TOP, lint.PAGE_FURNITURE}
        for name in (MAI, ELEVEN, MIXMASTER, MOZI, NEUROMIX)
    }
    lost = {lint.TITLE_MISSING, lint.HEADING_LOST}
    assert other == {MAI: lost, ELEVEN: set(), MIXMASTER: set(), MOZI: set(), NEUROMIX: lost | {lint.AT_ANY_TIME}}


@ALL
def test_no_mark_up_is_shown(name):
    text = found(name).text
    assert "---" not in text
    assert "**" not in text
    assert "|" not in text
    assert "·Your" not in text


def test_channels_that_were_lost_stay_unknown():
    promise = found(MAI).promise
    assert promise.channels == ()
    assert not promise.channels_known
    assert (promise.applies_to, promise.acceptance, promise.notice_period) == ("material", "continued_use", None)


def test_channels_that_are_named_are_found():
    assert found(ELEVEN).promise.channels == ("email", "site_notice")
    assert found(ELEVEN).promise.channels_logic == "any"
    assert found(ELEVEN).promise.effective == "when_posted"
    assert found(MIXMASTER).promise.channels == ("date_bump",)
    assert found(NEUROMIX).promise.channels == ("date_bump", "email", "site_notice")
    assert found(NEUROMIX).promise.prior_notice == "yes"


def test_two_weights_of_change_keep_their_own_words():
    tiers = {tier.name: (tier.channels, tier.channels_logic, tier.strength) for tier in found(MOZI).promise.tiers}
    assert tiers == {
        "material": (("post_page", "date_bump"), "all", "will"),
        "significant": (("email", "in_app"), "any", "efforts"),
    }
