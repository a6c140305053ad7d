from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.text.compare import diffing

TOKENS = st.lists(st.sampled_from("abcde"), max_size=30)


def longest(old: list[str], new: list[str]) -> int:
    row = [0] * (len(new) + 1)
    for a in old:
        before = row
        row = [0]
        for j, b in enumerate(new):
            row.append(before[j] + 1 if a == b else max(row[-1], before[j + 1]))
    return row[-1]


@given(TOKENS, TOKENS)
def test_matches_are_a_longest_common_subsequence(old: list[str], new: list[str]) -> None:
    found = diffing.matches(old, new)
    assert all(old[i : i + n] == new[j : j + n] for i, j, n in found)
    assert all(a[0] + a[2] <= b[0] and a[1] + a[2] <= b[1] for a, b in pairwise(found))
    assert sum(n for _, _, n in found) == longest(old, new)


@given(TOKENS, TOKENS)
def test_gaps_and_matches_cover_both_sides(old: list[str], new: list[str]) -> None:
    covered = list(diffing.gaps(diffing.matches(old, new), len(old), len(new)))
    assert sum(p - i + n for i, p, _, _, n in covered) == len(old)
    assert sum(q - j + n for _, _, j, q, n in covered) == len(new)


def test_unlike_lists_beyond_the_budget_are_split_at_runs_that_stand_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diffing, "_MATRIX_BITS", 100)
    old, new = list("xxxxxxabcdefyyyyyyyyyyyyyyyyyyyy"), list("zzzzzzzzzzzzzzzzabcdefvvvvvvvvvvvv")
    assert diffing.matches(old, new) == [(6, 16, 6)]


def test_small_islands_between_larger_changes_are_dropped() -> None:
    old, new = ["we", "keep", "the", "log", "files"], ["you", "may", "see", "a", "report"]
    found = [(2, 2, 1)]
    assert diffing.without_small_islands(found, old, new) == []
    assert diffing.without_small_islands(found, ["a", "b", "the"], ["the"]) == found


@pytest.mark.parametrize(
    ("scores", "pairs"),
    [
        ([[1.0, 0.0], [0.0, 1.0]], [(0, 0), (1, 1)]),
        ([[0.0, 0.9], [0.8, 0.0]], [(0, 1)]),
        ([[0.5, 0.9], [0.0, 0.5]], [(0, 0), (1, 1)]),
        ([], []),
    ],
)
def test_the_best_chain_rises_on_both_sides(scores: list[list[float]], pairs: list[tuple[int, int]]) -> None:
    assert diffing.best_chain(scores) == pairs
