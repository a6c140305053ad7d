from policies.text.compare import pairing
from policies.text.structure import blocks


def sections(*parts: tuple[str, str]) -> list[blocks.Section]:
    return blocks.sections(blocks.read("\n\n".join(f"## {title}\n\n{body}" for title, body in parts) + "\n"))


LONG = "We keep what you send us for as long as you have an account with us and no longer."


def test_equal_titles_go_together_in_order_and_moved_ones_too() -> None:
    old = sections(("A", "one"), ("B", LONG), ("C", "three"))
    new = sections(("B", LONG), ("A", "one"), ("C", "three"))
    assert pairing.pair(old, new) == {0: 1, 1: 0, 2: 2}
    assert pairing.moved(old, {0: 1, 1: 0, 2: 2}) == {0}


def test_a_renamed_section_is_found_by_its_words() -> None:
    old, new = sections(("Retention", LONG), ("Other", "x")), sections(("How long", LONG), ("Other", "x"))
    assert pairing.pair(old, new) == {0: 0, 1: 1}


def test_sections_with_nothing_in_common_stay_apart() -> None:
    assert pairing.pair(sections(("Fees", "It costs money.")), sections(("Cookies", LONG))) == {}
