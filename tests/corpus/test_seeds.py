"""The five source documents say what shared/seeds/expectations.json holds, and nothing false is warned of."""

import json
from functools import cache
from typing import Any

import pytest

from policies.text import reading
from policies.text.meaning import lint
from policies.text.meaning.promises import FoundPromise
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
def found(name: str) -> reading.Reading:
    return reading.read((SEEDS / name).read_bytes(), filename=name)


@cache
def expected(name: str) -> dict[str, Any]:
    labels: dict[str, dict[str, Any]] = json.loads((SEEDS / "expectations.json").read_text())
    return labels[name]


def lines(name: str, code: str) -> list[int]:
    return [warning.line for warning in found(name).warnings if warning.code == code]


@ALL
def test_title_dates_and_their_place(name: str) -> None:
    want = expected(name)["last_updated"]
    assert found(name).title == expected(name)["title"]["expected"]
    assert [(d.role, d.value, d.precision) for d in found(name).dates] == [
        ("updated", want["value"], want["precision"])
    ]
    assert want["position"].startswith(found(name).dates[0].position)


@ALL
def test_headings_bullets_tables_and_addresses(name: str) -> None:
    want = expected(name)
    assert [(h.level, h.label) for h in found(name).headings] == [(h["level"], h["text"]) for h in want["headings"]]
    assert found(name).list_items == want["bullets"]
    assert [(t.rows, t.columns) for t in found(name).tables] == [(t["rows_body"], t["cols"]) for t in want["tables"]]
    assert set(found(name).emails) == set(want["emails"])


@ALL
def test_page_furniture_is_offered_for_removal_and_nothing_else(name: str) -> None:
    assert list(found(name).furniture) == expected(name)["chrome_lines"]


@ALL
def test_every_lost_list_is_reported_and_no_other(name: str) -> None:
    source = (SEEDS / name).read_text().split("\n")
    leads = {line: number for number, line in enumerate(source, start=1)}
    want = sorted(leads[lead] for lead in expected(name)["lost"]["orphan_lead_ins"])
    assert lines(name, lint.LIST_MISSING) == want


@pytest.mark.parametrize(
    ("name", "want"), [(MAI, [32]), (ELEVEN, []), (MIXMASTER, []), (MOZI, []), (NEUROMIX, [5, 27])]
)
def test_dangling_references(name: str, want: list[int]) -> None:
    assert lines(name, lint.DANGLING_REFERENCE) == want


@pytest.mark.parametrize(("name", "want"), [(MAI, []), (ELEVEN, []), (MIXMASTER, []), (MOZI, []), (NEUROMIX, [32])])
def test_the_date_promised_at_the_top_stands_elsewhere(name: str, want: list[int]) -> None:
    assert lines(name, lint.DATE_NOT_AT_TOP) == want


def test_no_other_warning() -> None:
    other = {
        name: {w.code for w in found(name).warnings}
        - {lint.LIST_MISSING, lint.DANGLING_REFERENCE, lint.DATE_NOT_AT_TOP, lint.PAGE_FURNITURE}
        for name in (MAI, ELEVEN, MIXMASTER, MOZI, NEUROMIX)
    }
    lost = {lint.TITLE_MISSING, lint.HEADING_LOST}
    assert other == {MAI: lost, ELEVEN: set(), MIXMASTER: set(), MOZI: set(), NEUROMIX: lost | {lint.AT_ANY_TIME}}


@ALL
def test_no_mark_up_is_shown(name: str) -> None:
    text = found(name).text
    assert "---" not in text
    assert "**" not in text
    assert "|" not in text
    assert "·Your" not in text


# The labels' own words for what the product has a name for.
CHANNELS = {"service_announcement": "site_notice", "in_app (desktop application)": "in_app"}
APPLIES_TO = {
    "significant changes": "material",
    "meaningful changes": "material",
    "mixed (date: all; notice: material)": "mixed",
}
LOGIC = {"date always; for material: e-mail OR prominent notice": "any"}
PRIOR_NOTICE = {"unknown (lost)": "unspecified"}
EFFECTIVE = {"when posted unless otherwise specified": "when_posted", None: "unspecified"}


def promised(name: str) -> FoundPromise:
    promise = found(name).promise
    assert promise is not None
    return promise


@ALL
def test_the_promise_is_the_one_the_text_makes(name: str) -> None:
    want, promise = expected(name)["change_promise"], promised(name)
    tiers = want.get("tiers", [want])
    assert set(promise.channels) == {CHANNELS.get(channel, channel) for tier in tiers for channel in tier["channels"]}
    assert promise.channels_known == want.get("channels_known", True)
    assert promise.prior_notice == PRIOR_NOTICE.get(want["prior_notice"], want["prior_notice"])
    assert promise.notice_period == want["notice_period"]
    assert promise.acceptance == want["acceptance"]
    assert promise.effective == EFFECTIVE[want.get("effective")]


@pytest.mark.parametrize("name", [MAI, ELEVEN, MIXMASTER, NEUROMIX])
def test_a_promise_of_one_weight_has_its_weight_logic_and_strength(name: str) -> None:
    want, promise = expected(name)["change_promise"], promised(name)
    logic = want.get("channels_logic", "none")
    assert promise.applies_to == APPLIES_TO.get(want["applies_to"], want["applies_to"])
    assert promise.channels_logic == LOGIC.get(logic, logic)
    assert promise.strength == want.get("strength", "none")


def test_weights_of_change_keep_their_own_words() -> None:
    assert [tier.name for tier in promised(ELEVEN).tiers] == ["significant"]
    assert [tier.name for tier in promised(MIXMASTER).tiers] == ["meaningful"]
    assert [(tier.name, tier.channels_logic) for tier in promised(NEUROMIX).tiers] == [
        ("all", "all"),
        ("material", "any"),
    ]


def test_two_weights_of_change_promise_two_things() -> None:
    want = {tier["applies_to"]: tier for tier in expected(MOZI)["change_promise"]["tiers"]}
    tiers = {tier.name: tier for tier in promised(MOZI).tiers}
    assert list(tiers) == list(want)
    for name, tier in tiers.items():
        assert tier.channels == tuple(CHANNELS.get(channel, channel) for channel in want[name]["channels"])
        assert tier.channels_logic == want[name]["channels_logic"]
        assert want[name]["strength"].endswith(tier.strength)
