"""Which section of the old text became which of the new one."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from policies.text.compare import diffing
from policies.text.compare.pieces import key, likeness
from policies.text.structure.blocks import Section

_LIKE = 0.5
# Above this many candidate pairs a gap is paired in order only.
_MOST_PAIRS = 2500


def pair(old: Sequence[Section], new: Sequence[Section]) -> dict[int, int]:
    """Return which new section (value) each old one (key) became."""
    pairs: dict[int, int] = {}
    whole_old, whole_new = [_whole(s) for s in old], [_whole(s) for s in new]
    titles_old, titles_new = [key(s.title) for s in old], [key(s.title) for s in new]
    for i, p, j, q, equal in diffing.gaps(diffing.matches(whole_old, whole_new), len(old), len(new)):
        for a, b, n in diffing.matches(titles_old[i:p], titles_new[j:q]):
            pairs.update({i + a + k: j + b + k for k in range(n)})
        pairs.update({p + k: q + k for k in range(equal)})
    _pair_moved(old, new, (whole_old, whole_new), pairs)
    _pair_moved(old, new, (titles_old, titles_new), pairs)
    _pair_alike(old, new, pairs)
    return pairs


def _whole(section: Section) -> object:
    heading = section.heading.source if section.heading else None
    return heading, tuple((block.source, block.rows) for block in section.blocks)


def _pair_moved(
    old: Sequence[Section],
    new: Sequence[Section],
    keys: tuple[Sequence[object], Sequence[object]],
    pairs: dict[int, int],
) -> None:
    """Pair what is left by keys that stand once among the rest of each side."""
    taken = set(pairs.values())
    left = [i for i in range(len(old)) if i not in pairs and keys[0][i]]
    right = [j for j in range(len(new)) if j not in taken and keys[1][j]]
    times_left, times_right = Counter(keys[0][i] for i in left), Counter(keys[1][j] for j in right)
    places = {keys[1][j]: j for j in right}
    for i in left:
        name = keys[0][i]
        if times_left[name] == times_right[name] == 1:
            pairs[i] = places[name]


def _pair_alike(old: Sequence[Section], new: Sequence[Section], pairs: dict[int, int]) -> None:
    """Pair renamed sections: alike in words or in heading, the most alike first."""
    taken = set(pairs.values())
    left = [i for i in range(len(old)) if i not in pairs]
    right = [j for j in range(len(new)) if j not in taken]
    if len(left) * len(right) > _MOST_PAIRS:
        return
    words_old = {i: _section_words(old[i]) for i in left}
    words_new = {j: _section_words(new[j]) for j in right}
    scores = []
    for i in left:
        for j in right:
            near = _between_same(i, j, pairs, len(old), len(new))
            body = likeness(words_old[i], words_new[j])
            title = likeness(Counter(old[i].title.casefold().split()), Counter(new[j].title.casefold().split()))
            score = max(body, title * (0.9 if near else 0.6), (body + title) / 1.5 if near else 0)
            if score >= (_LIKE if near else 0.7):
                scores.append((score, i, j))
    for _, i, j in sorted(scores, key=lambda row: (-row[0], row[1], row[2])):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)


def _between_same(i: int, j: int, pairs: dict[int, int], n: int, m: int) -> bool:
    """True where the pair (i, j) crosses no pair found before."""
    low = next((pairs[k] for k in range(i - 1, -1, -1) if k in pairs), -1)
    high = next((pairs[k] for k in range(i + 1, n) if k in pairs), m)
    return low < j < high


def _section_words(section: Section) -> Counter[str]:
    return Counter(word for block in section.blocks for word in block.text.casefold().split())


def moved(old: Sequence[Section], pairs: dict[int, int]) -> set[int]:
    """Return the old sections outside the heaviest chain that keeps its order."""
    order = sorted(pairs.items())
    if all(a[1] < b[1] for a, b in pairwise(order)):
        return set()
    best: list[int] = []
    before: list[int] = []
    for k, (i, j) in enumerate(order):
        start = max((h for h in range(k) if order[h][1] < j), key=lambda h: best[h], default=-1)
        best.append((best[start] if start >= 0 else 0) + 1 + old[i].size)
        before.append(start)
    k = max(range(len(order)), key=lambda h: best[h])
    kept = set()
    while k >= 0:
        kept.add(order[k][0])
        k = before[k]
    return {i for i, _ in order if i not in kept}
