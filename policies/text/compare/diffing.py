"""
Longest common subsequences of token lists, exact where that is affordable and bounded where it is not.

Unique equal tokens anchor first (patience, as in Bazaar); a gap between anchors is solved by Myers' greedy
algorithm while it is nearly equal (Myers 1986), by bit-parallel dynamic programming on big integers otherwise
(Hyyrö 2004), and beyond a fixed budget by ever shorter unique runs of tokens. No input makes it quadratic
without bound.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from math import isqrt

# Where a common run starts in the old list and in the new one, and how long it is.
Match = tuple[int, int, int]
Tokens = Sequence[Hashable]

# Bits of the dynamic programming matrix kept in memory at once: 8 MB.
_MATRIX_BITS = 64_000_000
# Steps of the greedy search; its cost grows with their square.
_MOST_STEPS = 600
_RUN_LENGTHS = (6, 3, 1)


def matches(old: Tokens, new: Tokens, *, is_anchored: bool = False) -> list[Match]:
    """
    Return the common runs in order; together they are a common subsequence, the longest one within budget.

    ``is_anchored``: tokens that stand once on each side go together first. For lines that is both quicker and
    what a reader expects.
    """
    matcher = _Matcher(old, new)
    i = j = 0
    for a, b in unique_anchors(old, new) if is_anchored else ():
        if a >= i and b >= j:
            matcher.solve(i, a, j, b)
            matcher.found.append((a, b, 1))
            i, j = a + 1, b + 1
    matcher.solve(i, len(old), j, len(new))
    return _joined(matcher.found)


def unique_anchors(old: Tokens, new: Tokens) -> list[tuple[int, int]]:
    """Return the pairs of positions of tokens that stand once in each list, longest increasing chain only."""
    places: dict[Hashable, int] = {}
    for i, token in enumerate(old):
        places[token] = -1 if token in places else i
    others: dict[Hashable, int] = {}
    for j, token in enumerate(new):
        if token in places:
            others[token] = -1 if token in others else j
    pairs = [(places[token], j) for token, j in others.items() if j >= 0 and places[token] >= 0]
    pairs.sort()
    return increasing(pairs)


def increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest chain of pairs (sorted by the first) whose second rises too."""
    tails: list[int] = []
    ends: list[int] = []
    before = [-1] * len(pairs)
    for k, (_, j) in enumerate(pairs):
        at = bisect_left(tails, j)
        before[k] = ends[at - 1] if at else -1
        if at == len(tails):
            tails.append(j)
            ends.append(k)
        else:
            tails[at] = j
            ends[at] = k
    chain = []
    k = ends[-1] if ends else -1
    while k >= 0:
        chain.append(pairs[k])
        k = before[k]
    return chain[::-1]


class _Matcher:
    """Matches ``old[i:p]`` with ``new[j:q]``, gap by gap."""

    def __init__(self, old: Tokens, new: Tokens) -> None:
        self.old = old
        self.new = new
        self.found: list[Match] = []
        # The area of the last large gap that took too many steps.
        self.failed = 1 << 62

    def solve(self, i: int, p: int, j: int, q: int, depth: int = 0) -> None:
        """Match what both ends have in common, then the gap between."""
        old, new = self.old, self.new
        start = i
        while i < p and j < q and old[i] == new[j]:
            i += 1
            j += 1
        if i > start:
            self.found.append((start, j - (i - start), i - start))
        tail = 0
        while i < p and j < q and old[p - 1] == new[q - 1]:
            p -= 1
            q -= 1
            tail += 1
        if i < p and j < q:
            self._gap(i, p, j, q, depth)
        if tail:
            self.found.append((p, q, tail))

    def _gap(self, i: int, p: int, j: int, q: int, depth: int) -> None:
        """Match two lists that differ at both ends."""
        old, new = self.old[i:p], self.new[j:q]
        area = len(old) * len(new)
        budget = min(_MOST_STEPS, 8 + isqrt(area // 10_000))
        pairs = None
        # Where this took too many steps before, it would again on nearly the same stretch.
        if area <= self.failed // 4 and _least_steps(old, new) <= budget:
            pairs = _greedy(old, new, budget)
            if pairs is None and area > _MATRIX_BITS:
                self.failed = area
        if pairs is None and area <= _MATRIX_BITS:
            pairs = _by_bits(old, new)
        if pairs is not None:
            self.found.extend((i + a, j + b, 1) for a, b in pairs)
        elif depth < len(_RUN_LENGTHS):
            self._by_unique_runs(i, p, j, q, depth)

    def _by_unique_runs(self, i: int, p: int, j: int, q: int, depth: int) -> None:
        """Split a gap too large for the matrix at runs of tokens that stand once on each side."""
        length = _RUN_LENGTHS[depth]
        a, b = i, j
        for x, y in unique_anchors(_runs(self.old[i:p], length), _runs(self.new[j:q], length)):
            if i + x >= a and j + y >= b:
                self.solve(a, i + x, b, j + y, depth + 1)
                self.found.append((i + x, j + y, length))
                a, b = i + x + length, j + y + length
        self.solve(a, p, b, q, depth + 1)


def _runs(tokens: Tokens, length: int) -> Tokens:
    return tokens if length == 1 else list(zip(*(tokens[k:] for k in range(length)), strict=False))


def _least_steps(old: Tokens, new: Tokens) -> int:
    """Return how many steps an edit takes at least: what stands on one side more often than on the other."""
    if len(old) + len(new) < 400:
        return 0
    times, others = Counter(old), Counter(new)
    return (times - others).total() + (others - times).total()


def _greedy(old: Tokens, new: Tokens, budget: int) -> list[tuple[int, int]] | None:
    """Return the matched positions of a shortest edit, or None where it takes more than ``budget`` steps."""
    n, m = len(old), len(new)
    if abs(n - m) > budget:
        return None
    reach = {1: 0}
    trail = []
    for d in range(budget + 1):
        trail.append(reach.copy())
        for k in range(-d, d + 1, 2):
            x = reach[k + 1] if k == -d or (k != d and reach[k - 1] < reach[k + 1]) else reach[k - 1] + 1
            y = x - k
            while x < n and y < m and old[x] == new[y]:
                x += 1
                y += 1
            reach[k] = x
            if x >= n and y >= m:
                return _walk_back(trail, n, m)
    return None


def _walk_back(trail: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    pairs = []
    for d in range(len(trail) - 1, -1, -1):
        reach = trail[d]
        k = x - y
        before = k + 1 if k == -d or (k != d and reach.get(k - 1, -1) < reach.get(k + 1, -1)) else k - 1
        x0 = reach[before] if d else 0
        y0 = x0 - before if d else 0
        while x > x0 and y > y0:
            x -= 1
            y -= 1
            pairs.append((x, y))
        x, y = x0, y0
    return pairs[::-1]


def _by_bits(old: Tokens, new: Tokens) -> list[tuple[int, int]]:
    """Return the matched positions of one longest common subsequence: n big-integer steps over m bits."""
    places: dict[Hashable, int] = {}
    for j, token in enumerate(new):
        places[token] = places.get(token, 0) | 1 << j
    every = (1 << len(new)) - 1
    row = every
    rows = []
    for token in old:
        same = row & places.get(token, 0)
        row = ((row + same) | (row - same)) & every
        rows.append(row)
    return _trace(old, new, rows, every)


def _trace(old: Tokens, new: Tokens, rows: list[int], every: int) -> list[tuple[int, int]]:
    """Walk back through the rows: a zero bit marks a column where the subsequence grows."""
    pairs = []
    i, j = len(old) - 1, len(new) - 1
    while i >= 0 and j >= 0:
        above = rows[i - 1] if i else every
        if old[i] == new[j] and not rows[i] >> j & 1 and above >> j & 1:
            pairs.append((i, j))
            i -= 1
            j -= 1
        elif not rows[i] >> j & 1 and above >> j & 1:
            j -= 1
        elif not above >> j & 1:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _joined(found: list[Match]) -> list[Match]:
    joined: list[Match] = []
    for i, j, n in found:
        if joined and joined[-1][0] + joined[-1][2] == i and joined[-1][1] + joined[-1][2] == j:
            joined[-1] = (joined[-1][0], joined[-1][1], joined[-1][2] + n)
        elif n:
            joined.append((i, j, n))
    return joined


def gaps(found: Sequence[Match], n: int, m: int) -> Iterator[tuple[int, int, int, int, int]]:
    """
    Yield ``(i, p, j, q, length)``: what differs (``old[i:p]``, ``new[j:q]``) and how much follows that is
    equal.
    """
    i = j = 0
    for a, b, length in [*found, (n, m, 0)]:
        yield i, a, j, b, length
        i, j = a + length, b + length


def without_small_islands(
    found: Sequence[Match], old: Sequence[str], new: Sequence[str], *, has_blanks: bool = False
) -> list[Match]:
    """
    Drop equal stretches too small to help a reader between two larger changes.

    A stretch without any word (a comma) goes where both neighbors change words; one of up to three words goes where
    each neighboring change has at least twice as many. Where the tokens have blanks among them, a stretch without any
    goes too, for it is a part of one word, a link, a number; and both changes together decide on the others.
    """
    around = list(gaps(found, len(old), len(new)))
    changed = [max(_count(old[i:p]), _count(new[j:q])) for i, p, j, q, _ in around]
    is_changed = [p > i or q > j for i, p, j, q, _ in around]
    kept: list[Match] = []
    left = changed[0] if changed else 0
    for k, (i, j, n) in enumerate(found):
        right = changed[k + 1]
        is_between = is_changed[k] and is_changed[k + 1]
        if is_between and _is_small(old[i : i + n], left, right, has_blanks=has_blanks):
            left += _count(old[i : i + n]) + right
        else:
            kept.append((i, j, n))
            left = right
    return kept


def _is_small(stretch: Sequence[str], left: int, right: int, *, has_blanks: bool) -> bool:
    words = _count(stretch)
    if not has_blanks:
        return bool(left and right) and words <= 3 and words * 2 <= min(left, right)
    is_inside_a_word = len(stretch) <= 8 and not any(token.isspace() for token in stretch)
    return is_inside_a_word or (words <= 4 and words <= left + right)


def _count(tokens: Sequence[str]) -> int:
    return sum(1 for token in tokens if token[0].isalnum() or token[0] == "_")


def best_chain(scores: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return the pairs (row, column), both rising, with the greatest sum of scores above zero."""
    n, m = len(scores), len(scores[0]) if scores else 0
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            take = scores[i][j] + best[i + 1][j + 1] if scores[i][j] else 0.0
            best[i][j] = max(take, best[i + 1][j], best[i][j + 1])
    pairs = []
    i = j = 0
    while i < n and j < m:
        if scores[i][j] and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs
