import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.text.rejected import TextRejected
from policies.text.source import canonical
from tests import growth


@given(st.text())
def test_canonical_form_is_idempotent(text: str) -> None:
    once = canonical.canonicalize(text)
    assert canonical.canonicalize(once) == once
    assert once.endswith("\n")
    assert not once.endswith("\n\n") or not once.strip("\n")


def test_two_ways_to_type_a_text_have_one_fingerprint() -> None:
    typed = "Re\u0301sume\u0301  \r\nkept 30 days\r\n\r\n"
    pasted = "\ufeffR\u00e9sum\u00e9\nkept 30 days"
    assert canonical.fingerprint(canonical.canonicalize(typed)) == canonical.fingerprint(canonical.canonicalize(pasted))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "empty"),
        (b"\n \n", "empty"),
        ("x" * (canonical.MAX_SOURCE_BYTES + 1), "limit is 262,144"),
        ("first\nsecond \x00", "Line 2 holds the control character U+0000"),
        (b"first\nsecond \xff", "not UTF-8 (byte 13, line 2)"),
        ("first\n\ud800", "Line 2 holds half of a character"),
    ],
)
def test_a_bad_source_is_refused_with_the_place_and_a_remedy(source: str | bytes, message: str) -> None:
    with pytest.raises(TextRejected) as refusal:
        canonical.check(source)
    assert message in str(refusal.value)


@pytest.mark.parametrize("unit", [" ", "\t ", "\u00a0", " \n", "a ", "\n"])
def test_the_time_grows_with_the_blanks(unit: str) -> None:
    text = growth.repeated(unit)
    grown = growth.exponent(
        lambda size: canonical.canonicalize(text(size) + "a"), size=1000, largest=canonical.MAX_SOURCE_BYTES // 4
    )
    assert grown < growth.LINEAR
