"""Where a tree's tiles lie under a log's prefix (C2SP tlog-tiles), and trees from tiles."""

from collections.abc import Callable, Iterator

from audit.merkle import (
    HASH_BYTES,
    TILE_WIDTH,
    Subtree,
    largest_power_below,
    node_hash,
    perfect_root,
)

GROUP = 1000
TILE_BITS = 8

ReadTile = Callable[[int, int, int], bytes]
"""Level, number and width (1 to 256) to the tile's hashes, joined."""


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """`tile/0/x001/x234/067`, and `.p/<width>` behind it for a tile that is not full."""
    return f"tile/{level}/{_number(number)}{_partial(width)}"


def _number(number: int) -> str:
    groups = [f"{number % GROUP:03}"]
    while number := number // GROUP:
        groups.append(f"x{number % GROUP:03}")
    return "/".join(reversed(groups))


def _partial(width: int) -> str:
    return "" if width == TILE_WIDTH else f".p/{width}"


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, number and width of every tile of a tree, level by level."""
    level, count = 0, size
    while count:
        full, rest = divmod(count, TILE_WIDTH)
        yield from ((level, number, TILE_WIDTH) for number in range(full))
        if rest:
            yield level, full, rest
        level, count = level + 1, full


def subtrees_from(read: ReadTile, size: int) -> Subtree:
    """Answer any subtree of a tree of `size` leaves by reading as few tiles as it takes."""
    known: dict[tuple[int, int], list[bytes]] = {}

    def hashes(level: int, number: int) -> list[bytes]:
        if (level, number) not in known:
            width = min(TILE_WIDTH, (size >> TILE_BITS * level) - number * TILE_WIDTH)
            tile = read(level, number, width)
            known[level, number] = [
                tile[at : at + HASH_BYTES] for at in range(0, width * HASH_BYTES, HASH_BYTES)
            ]
        return known[level, number]

    def subtree(start: int, end: int) -> bytes:
        count = end - start
        height = count.bit_length() - 1
        if count == 1 << height and start % count == 0:
            level, within = divmod(height, TILE_BITS)
            number, first = divmod(start >> TILE_BITS * level, TILE_WIDTH)
            return perfect_root(hashes(level, number)[first : first + (1 << within)])
        split = start + largest_power_below(count)
        return node_hash(subtree(start, split), subtree(split, end))

    return subtree
