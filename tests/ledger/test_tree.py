import hashlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policies.ledger import tree

# The eight leaves that RFC 6962 implementations test with, and the roots over the first 1 to 8 of them.
KNOWN = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
KNOWN_ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def tree_over(hashes: list[bytes]) -> tree.Tree:
    """A tree whose stored levels are computed, not read."""

    def read(level: int, first: int, count: int) -> list[bytes]:
        width = 1 << level
        return [tree.root_over(hashes[i * width : (i + 1) * width]) for i in range(first, first + count)]

    return tree.Tree(read)


def leaves(count: int) -> list[bytes]:
    return [leaf(number.to_bytes(4, "big")) for number in range(count)]


def test_the_root_over_the_known_leaves() -> None:
    assert tree_over([leaf(bytes.fromhex(data)) for data in KNOWN]).root(8).hex() == KNOWN_ROOT


def test_nothing_has_the_root_of_nothing() -> None:
    assert tree_over([]).root(0) == hashlib.sha256(b"").digest()


@given(size=st.integers(1, 700), data=st.data())
def test_every_leaf_is_shown_to_be_in_every_tree(size: Any, data: Any) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    found = tree_over(hashes)
    proof = {"index": index, "size": size, "path": found.inclusion(index, size), "root": found.root(size)}
    assert tree.is_included(leaf=hashes[index], **proof)
    assert not tree.is_included(leaf=leaf(b"another"), **proof)


@given(second=st.integers(1, 700), data=st.data())
def test_every_tree_is_shown_to_be_the_beginning_of_a_later_one(second: Any, data: Any) -> None:
    first = data.draw(st.integers(1, second))
    found = tree_over(leaves(second))
    proof: dict[str, Any] = {"first": first, "second": second, "path": found.consistency(first, second)}
    roots: dict[str, Any] = {"first_root": found.root(first), "second_root": found.root(second)}
    assert tree.is_consistent(**proof, **roots)
    assert not tree.is_consistent(**proof, **{**roots, "first_root": leaf(b"another")})


@given(size=st.integers(2, 300), data=st.data())
def test_a_changed_step_shows_nothing(size: Any, data: Any) -> None:
    index = data.draw(st.integers(0, size - 1))
    found = tree_over(leaves(size))
    path = found.inclusion(index, size)
    step = data.draw(st.integers(0, len(path) - 1))
    path[step] = leaf(b"another")
    assert not tree.is_included(leaf=leaves(size)[index], index=index, size=size, path=path, root=found.root(size))
