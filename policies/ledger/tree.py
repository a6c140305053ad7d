"""
The Merkle tree of RFC 9162 (2.1), over hashes that are read where they are needed.

A tree of any size is made of complete subtrees. Of these every eighth level is stored, so a root or a proof over ten
million leaves reads a few thousand hashes and not ten million.
"""

import hashlib
from collections.abc import Callable, Sequence

NODE_PREFIX = b"\x01"
EMPTY_ROOT = hashlib.sha256(b"").digest()
STORED_EVERY = 8  # levels
TILE = 1 << STORED_EVERY

# (level, first index, count) -> the roots of `count` neighboring complete subtrees of 2**level leaves; level 0: leaves.
Reader = Callable[[int, int, int], Sequence[bytes]]


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


def root_over(hashes: Sequence[bytes]) -> bytes:
    """The root over hashes of one level; an odd one at the end moves up as it is."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return level[0]


class Tree:
    """Roots and proofs over the leaves that `read` gives."""

    def __init__(self, read: Reader) -> None:
        self.read = read

    def root(self, size: int) -> bytes:
        """The head over the first `size` leaves."""
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The hashes that lead from leaf `index` to the root over `size` leaves (2.1.3.1), the lowest first."""
        start, end, path = 0, size, []
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The hashes that show the tree over `first` leaves to be the beginning of that over `second` (2.1.4.1)."""
        return self._consistency(first, 0, second, is_whole=True) if 0 < first < second else []

    def _consistency(self, first: int, start: int, end: int, *, is_whole: bool) -> list[bytes]:
        if first == end - start:
            return [] if is_whole else [self._range(start, end)]
        middle = _split(end - start)
        if first <= middle:
            path = self._consistency(first, start, start + middle, is_whole=is_whole)
            return [*path, self._range(start + middle, end)]
        path = self._consistency(first - middle, start + middle, end, is_whole=False)
        return [*path, self._range(start, start + middle)]

    def _range(self, start: int, end: int) -> bytes:
        size = end - start
        height = size.bit_length() - 1
        if size == 1 << height:
            return self.complete(height, start >> height)
        middle = start + _split(size)
        return node_hash(self._range(start, middle), self._range(middle, end))

    def complete(self, height: int, index: int) -> bytes:
        """The root of the complete subtree of 2**height leaves with this index."""
        stored = height - height % STORED_EVERY
        return root_over(self.read(stored, index << (height - stored), 1 << (height - stored)))


class Growing:
    """A tree that grows leaf by leaf: its head at any moment from the roots of complete tiles, and the open one."""

    def __init__(self) -> None:
        self.size = 0
        self.tiles: list[bytes] = []
        self._tile: list[bytes] = []
        self._peaks: list[tuple[int, bytes]] = []

    @classmethod
    def after(cls, size: int, stored: Tree) -> "Growing":
        """The tree over the first `size` leaves, from stored parts: its root says whether they are the right ones."""
        tree, tiles, start = cls(), size // TILE, 0
        for height in reversed(range(tiles.bit_length())):
            if tiles >> height & 1:
                tree._peaks.append((height, stored.complete(height + STORED_EVERY, start >> height)))
                start += 1 << height
        tree._tile, tree.size = list(stored.read(0, tiles * TILE, size - tiles * TILE)), size
        return tree

    def add(self, leaf: bytes) -> None:
        self._tile.append(leaf)
        self.size += 1
        if len(self._tile) == TILE:
            self._close()

    def root(self) -> bytes:
        roots = [root for _height, root in self._peaks] + ([root_over(self._tile)] if self._tile else [])
        if not roots:
            return root_over([])
        value = roots.pop()
        while roots:
            value = node_hash(roots.pop(), value)
        return value

    def _close(self) -> None:
        height, value = 0, root_over(self._tile)
        self.tiles.append(value)
        self._tile.clear()
        while self._peaks and self._peaks[-1][0] == height:
            _height, left = self._peaks.pop()
            height, value = height + 1, node_hash(left, value)
        self._peaks.append((height, value))


def is_included(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` leads from `leaf` at `index` to `root` over `size` leaves (2.1.3.2)."""
    if index >= size:
        return False
    position, last, result = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if position % 2 or position == last:
            result = node_hash(step, result)
            while position % 2 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            result = node_hash(result, step)
        position, last = position >> 1, last >> 1
    return last == 0 and result == root


def is_consistent(*, first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` shows that the tree over `first` leaves is the beginning of that over `second` (2.1.4.2)."""
    if first == second:
        return not path and first_root == second_root
    if not 0 < first < second or not path:
        return False
    steps = list(path) if first & (first - 1) else [first_root, *path]
    position, last = first - 1, second - 1
    while position % 2:
        position, last = position >> 1, last >> 1
    one = two = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position % 2 or position == last:
            one, two = node_hash(step, one), node_hash(step, two)
            while position % 2 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            two = node_hash(two, step)
        position, last = position >> 1, last >> 1
    return last == 0 and one == first_root and two == second_root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
