from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.log_check import Tree
from audit.merkle import (
    EMPTY_ROOT,
    TILE_WIDTH,
    ProofFails,
    RightEdge,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    root_of,
    subtrees_of,
)
from audit.tiles import subtrees_from, tile_path, tiles_of
from eventing.record import leaf_hash

# The reference inputs and roots of Certificate Transparency's own tests.
INPUTS = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(count):
    return [sha256(str(number).encode()).digest() for number in range(count)]


def tree(count):
    """Leaves, root and subtrees of a tree."""
    hashes = leaves(count)
    return hashes, root_of(hashes), subtrees_of(hashes)


def test_roots_are_those_of_the_standard():
    hashes = [leaf_hash(bytes.fromhex(text)) for text in INPUTS]
    assert [root_of(hashes[:size]).hex() for size in range(1, 9)] == ROOTS
    assert root_of([]) == EMPTY_ROOT == sha256().digest()


@settings(deadline=None)
@given(st.integers(1, 1500), st.lists(st.integers(0, 1500), max_size=6))
def test_a_tree_grown_in_parts_has_the_same_root(size, cuts):
    hashes, root, subtree = tree(size)
    edge = RightEdge()
    cuts = sorted({0, size, *(cut for cut in cuts if cut < size)})
    for start, end in pairwise(cuts):
        edge.extend(hashes[start:end])
        edge = RightEdge(edge.levels)
    assert (edge.size, edge.root(), subtree(0, size)) == (size, root, root)


@settings(deadline=None)
@given(st.integers(1, 700), st.data())
def test_every_leaf_proves_its_place_and_no_other_leaf_does(size, data):
    hashes, root, subtree = tree(size)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, subtree)
    check_inclusion(hashes[index], index, size, proof, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda at: at != index or size == 1))
    if other != index:
        with pytest.raises(ProofFails):
            check_inclusion(hashes[other], index, size, proof, root)
        with pytest.raises(ProofFails):
            check_inclusion(hashes[index], other, size, proof, root)
    for bad in ([*proof, root], proof[:-1] if proof else [root]):
        with pytest.raises(ProofFails):
            check_inclusion(hashes[index], index, size, bad, root)


@settings(deadline=None)
@given(st.integers(1, 600), st.data())
def test_a_longer_tree_proves_that_it_begins_with_the_shorter(newer, data):
    hashes, newer_root, subtree = tree(newer)
    older = data.draw(st.integers(1, newer))
    older_root = root_of(hashes[:older])
    proof = consistency_proof(older, newer, subtree)
    check_consistency(older, older_root, newer, newer_root, proof)
    changed = data.draw(st.integers(0, older - 1))
    forged = root_of([*hashes[:changed], leaf_hash(b"forged"), *hashes[changed + 1 : older]])
    with pytest.raises(ProofFails):
        check_consistency(older, forged, newer, newer_root, proof)
    with pytest.raises(ProofFails):
        check_consistency(older, older_root, newer, leaf_hash(b"forged"), proof)
    if proof:
        with pytest.raises(ProofFails):
            check_consistency(older, older_root, newer, newer_root, proof[:-1])


@pytest.mark.parametrize("size", [1, 255, 256, 257, 512, 700, 65_536 + 300])
def test_tiles_hold_the_whole_tree(size):
    hashes, root, _ = tree(size)
    edge = RightEdge()
    kept = {}
    counts: dict[int, int] = {}
    for level, tile in edge.extend(hashes):
        number = counts.get(level, 0)
        kept[level, number, TILE_WIDTH] = tile
        counts[level] = number + 1
    for level, rest in enumerate(edge.levels):
        if rest:
            kept[level, counts.get(level, 0), len(rest)] = b"".join(rest)
    assert sorted(kept) == sorted(tiles_of(size))
    subtree = subtrees_from(lambda *tile: kept[tile], size)
    assert subtree(0, size) == root
    for index in {0, size // 2, size - 1}:
        proof = inclusion_proof(index, size, subtree)
        check_inclusion(hashes[index], index, size, proof, root)


def test_tiles_lie_where_the_standard_puts_them():
    assert tile_path(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tile_path(1, 0, 7) == "tile/1/000.p/7"


@settings(deadline=None)
@given(st.sets(st.integers(0, 1500), max_size=8), st.integers(0, 1500))
def test_a_tree_that_is_only_read_tells_the_root_at_each_size(sizes, count):
    hashes = leaves(count)
    tree = Tree(sorted(sizes))
    for each in hashes:
        tree.add(each)
    assert tree.end() == root_of(hashes)
    assert tree.roots == {size: root_of(hashes[:size]) for size in sizes if size <= count}
