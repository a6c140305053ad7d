"""The search for regular expressions that grow too fast finds what it is made for, and nothing sound."""

import pytest

from scripts import patterns


@pytest.mark.parametrize(
    "pattern",
    [
        r"\s*\\x",
        r"(a+)+b",
        r"[ \t]*(?:x)?[ \t]+\[",
        r"\[\^[^\]\s]+\]",
        r"\w+@\w+",
        r"<!--.*?-->",
        r"\bcontact\b.*\bat\b",
    ],
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
    assert [(each.line, each.pattern) for each in patterns.patterns(source)] == [(1, "a+"), (4, "c")]


def test_what_is_put_together_is_looked_at_as_the_module_holds_it() -> None:
    path = patterns.ROOT / "policies" / "text" / "words" / "promise_words.py"
    held = list(patterns.compiled_in(path, path.read_text(encoding="utf-8"), ""))
    assert len(held) > 20
    assert any("datenschutz" in str(each.pattern) for each in held)


def test_what_begins_at_the_start_only_is_tried_there_only() -> None:
    source = 'A = re.compile(r"[a.]+\\.eml")\nB = re.compile("b+c")\nA.fullmatch(x)\nB.match(x) or B.search(y)\n'
    assert [each.how for each in patterns.patterns(source, source)] == ["fullmatch", "search"]
    assert patterns.steep(r"[a.]+\.eml", 0)
    assert not patterns.steep(r"[a.]+\.eml", 0, "fullmatch")
