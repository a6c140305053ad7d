import pytest

from policies.text import two_texts
from policies.text.show.labels import ENGLISH
from policies.text.source.canonical import canonicalize
from tests import growth

LARGEST = 32 * 1024


@pytest.mark.parametrize("unit", [" a", "[", "* ", "a\n\n", "- a\n", "1.1 a\n\n", "# a\n", "|a|b|\n", "30 days "])
def test_the_time_of_comparing_grows_with_the_texts(unit: str) -> None:
    text = growth.repeated(unit)

    def compare(size: int) -> None:
        half = text(size // 2)
        two_texts.compare(canonicalize(f"x {half}{half}"), canonicalize(f"x {half} y 30 days {half}"), ENGLISH)

    assert growth.exponent(compare, size=1000, largest=LARGEST) < growth.LINEAR
