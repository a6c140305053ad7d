"""The search for regular expressions that grow too fast finds what it is made for, and nothing sound."""

import pytest

from scripts import patterns


@pytest.mark.parametrize(
    "pattern", [r"\s*\\x", r"(a+)+b", r"[ \t]*(?:x)?[ \t]+\[", r"\[\^[^\]\s]+\]", r"\w+@\w+", r"<!--.*?-->"]
)
def test_what_grows_with_the_square_is_found(pattern: str) -> None:
    assert patterns.steep(pattern, 16)


@pytest.mark.parametrize(
    "pattern", [r"\s{0,9}\\x", r"a+b?", r"\A\s*---", r"\[\^[^\[\]\s]{1,200}\]", r"^[ \t]*\|", r"word"]
)
def test_what_is_in_proportion_is_not(pattern: str) -> None:
    assert not patterns.steep(pattern, 8)


def test_patterns_are_read_where_they_are_written() -> None:
    source = 'A = re.compile(r"a+", re.MULTILINE)\n# short: ten letters\nB = re.compile("b")\nre.sub("c", "", x)\n'
    assert [(line, pattern) for line, pattern, _flags in patterns.patterns(source)] == [(1, "a+"), (4, "c")]
