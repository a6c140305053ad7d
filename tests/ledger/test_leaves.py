import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import ledger

# What UTF-8 can say: halves of characters have no form at all, as below.
TEXT = st.text(st.characters(codec="utf-8"))
PLAIN = st.none() | st.booleans() | st.integers() | st.integers(-(2**70), 2**70) | TEXT
RECORDS = st.dictionaries(
    TEXT,
    st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)),
    max_size=6,
)
ODD = (
    "\x00\x01\x1f\x7f\x80\u2028\u2029\ufeff",
    "\U0001f600é\u0301",
    '"\\/\b\f\n\r\t',
    "<>&'",
    "\ud7ff\ue000\uffff",
    "",
)


@given(RECORDS)
@settings(max_examples=300, deadline=None)
def test_the_swift_form_is_the_canonical_one_byte_for_byte(record: dict[str, object]) -> None:
    assert ledger.swift_json(record) == ledger.canonical_json(record).encode()


@pytest.mark.parametrize("odd", ODD)
def test_odd_text_has_one_form(odd: str) -> None:
    record = {odd: [odd, {"b": odd, "a": None}], "B": True, "\ue000": 1, "\U00010000": 2**64, "x": -(2**63)}
    assert ledger.swift_json(record) == ledger.canonical_json(record).encode()


@pytest.mark.parametrize("half", ["\ud800", "a\udfffb"])
def test_half_a_character_has_no_form(half: str) -> None:
    for form in (ledger.swift_json, lambda record: ledger.canonical_json(record).encode()):
        with pytest.raises(UnicodeEncodeError):
            form({"text": half})
