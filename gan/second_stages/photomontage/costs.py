"""Terms of the labelling energy: candidates, guide, seams and ties, all in integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan.second_stages.photomontage.compiled import compiled

Ints = NDArray[np.int32]

GRID = 64  # cells a side of the finest labelling
SEEN = 128  # pixels a side at which seams are evaluated
LAYOUT = 16  # cells a side of the layouts for choosing candidates

_UNIFORM = 14  # of 255: cells whose channels differ by less have the same colour
_SEAM = 160  # cost of a seam along one side of a cell where the sources disagree completely
_VISIBLE = 16  # of 255: the difference of complete disagreement
# Ties connect a cell to the most distant of these places that nearly always has the same colour.
_REACHES = (44, 34, 26, 20, 15, 11, 8)
_DIRECTIONS = ((0, 8), (8, 0), (6, 6), (6, -6), (3, 7), (7, 3), (3, -7), (7, -3))
_TIES = 2  # of a cell
_TIE = 100  # cost of breaking a tie whose cells have the same colour in every picture


def shrink(pictures: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return uint8 (N, S, S, 3) averaged to (N, side, side, 3); S is a multiple of `side`."""
    factor = pictures.shape[1] // side
    blocks = pictures.reshape(len(pictures), side, factor, side, factor, 3)
    area = factor * factor
    means: NDArray[np.uint8] = ((blocks.sum(axis=(2, 4), dtype=np.int32) + area // 2) // area).astype(np.uint8)
    return means


def box_sums(values: Ints, width: int) -> Ints:
    """Return the sums over boxes of odd `width` around each cell, int32 (N, H, W, …), edges replicated."""
    half = width // 2
    padding = [(0, 0), (half, half), (half, half), *[(0, 0)] * (values.ndim - 3)]
    for axis in (1, 2):
        only = [pad if i == axis else (0, 0) for i, pad in enumerate(padding)]
        sums = np.cumsum(np.pad(values, only, mode="edge"), axis=axis, dtype=np.int32)
        zero = np.zeros_like(np.take(sums, [0], axis))
        sums = np.concatenate([zero, sums], axis)
        length = values.shape[axis]
        values = np.take(sums, range(width, width + length), axis) - np.take(sums, range(length), axis)
    return values


def choose_candidates(layouts: NDArray[np.uint8], guide: NDArray[np.uint8], count: int) -> NDArray[np.int64]:
    """Return the indices of the pictures most similar to `guide` (64, 64, 3): globally first, then by region.

    `layouts` are the pictures at (N, 16, 16, 3).
    """
    own = shrink(guide[None], LAYOUT)[0].astype(np.int32)
    apart = ((layouts.astype(np.int32) - own) ** 2).sum(axis=3, dtype=np.int32)  # (N, 16, 16)
    whole = count // 3
    ranked = list(np.argsort(apart.sum(axis=(1, 2)), kind="stable")[:whole])
    each = max(1, (count - whole) // 5)  # regions have many candidates in common
    for top in (0, 5, 10):
        for left in (0, 5, 10):
            region = apart[:, top : top + 6, left : left + 6].sum(axis=(1, 2))
            ranked += list(np.argsort(region, kind="stable")[:each])
    return np.array(list(dict.fromkeys(ranked))[:count], np.int64)


def guide_term(pictures: NDArray[np.uint8], guide: NDArray[np.uint8], *, blur: int, window: int, weight: int) -> Ints:
    """Return the local distance of each picture (K, 64, 64, 3) from `guide`, (K, 4096): mean difference × weight.

    Both are box-blurred by `blur` first, because lines of guide and picture are not aligned.
    """
    area = blur * blur
    seen = box_sums(pictures.astype(np.int32), blur)
    aim = box_sums(guide[None].astype(np.int32), blur)
    apart = np.abs(seen - aim).sum(axis=3, dtype=np.int32) // area  # 0 … 765
    return (box_sums(apart, window) * weight // (64 * window * window)).reshape(len(pictures), -1).astype(np.int32)


@compiled
def seam_costs(pictures: Any) -> Any:
    """Return each cell's part of the seam cost of two pictures, uint8 (K, 128, 128, 3) -> int16 (K, K, 4096)."""
    count = len(pictures)
    costs = np.zeros((count, count, GRID * GRID), np.int16)
    step = SEEN // GRID
    for a in range(count):
        for b in range(a):
            for cell in range(GRID * GRID):
                apart = 0
                for y in range(step * (cell // GRID), step * (cell // GRID) + step):
                    for x in range(step * (cell % GRID), step * (cell % GRID) + step):
                        most = 0
                        for channel in range(3):
                            most = max(most, abs(int(pictures[a, y, x, channel]) - int(pictures[b, y, x, channel])))
                        apart += min(_VISIBLE, most)
                cost = apart * _SEAM // (_VISIBLE * step * step)
                costs[a, b, cell] = cost
                costs[b, a, cell] = cost
    return costs


@compiled
def coarse_seam_costs(costs: Any) -> Any:
    """Return the costs for cells of 2×2, whose sides are twice as long: int16 (K, K, 4096) -> (K, K, 1024)."""
    count = len(costs)
    half = GRID // 2
    coarse = np.empty((count, count, half * half), np.int16)
    for a in range(count):
        for b in range(count):
            for row in range(half):
                for column in range(half):
                    cell = 2 * row * GRID + 2 * column
                    upper = int(costs[a, b, cell]) + int(costs[a, b, cell + 1])
                    lower = int(costs[a, b, cell + GRID]) + int(costs[a, b, cell + GRID + 1])
                    coarse[a, b, row * half + column] = (upper + lower) // 2
    return coarse


@compiled
def count_agreements(pictures: Any, moves: Any) -> Any:
    """Count the pictures (N, S, S, 3) in which each cell has the same colour as the cell a move away, (M, S, S).

    `moves` (M, 2) are row and column offsets; -1 for cells outside.
    """
    count = len(pictures)
    side = pictures.shape[1]
    votes = np.full((len(moves), side, side), -1, np.int32)
    for move in range(len(moves)):
        down = moves[move, 0]
        right = moves[move, 1]
        for row in range(side - down):
            for column in range(max(0, -right), min(side, side - right)):
                agreeing = 0
                for number in range(count):
                    most = 0
                    for channel in range(3):
                        here = int(pictures[number, row, column, channel])
                        most = max(most, abs(here - int(pictures[number, row + down, column + right, channel])))
                    agreeing += most < _UNIFORM
                votes[move, row, column] = agreeing
    return votes


def find_ties(pictures: NDArray[np.uint8], side: int) -> tuple[Ints, Ints, Ints]:
    """Return cell pairs that have the same colour in most pictures (N, side, side, 3), with their weights."""
    cells = np.arange(side * side, dtype=np.int32).reshape(side, side)
    scale = 8 * GRID // side
    moves = np.array([(r * y // scale, r * x // scale) for r in _REACHES for y, x in _DIRECTIONS], np.int32)
    votes = count_agreements(pictures, moves)
    steps = (moves[:, 0] * side + moves[:, 1]).astype(np.int32)
    order = np.argsort(-votes, axis=0, kind="stable")[:_TIES]  # of equal ones the most distant
    pairs: tuple[list[Any], list[Any], list[Any]] = ([], [], [])
    for chosen in order:
        vote = np.take_along_axis(votes, chosen[None], axis=0)[0]
        kept = 2 * vote > len(pictures)
        pairs[0].append(cells[kept])
        pairs[1].append((cells + steps[chosen])[kept])
        pairs[2].append(vote[kept] * _TIE // len(pictures))
    one, other, weights = (np.concatenate(part).astype(np.int32) for part in pairs)
    return one, other, weights


def detail_of(pictures: NDArray[np.uint8]) -> Ints:
    """Return the mean amount of detail in each cell of the pictures (N, 64, 64, 3), (4096,)."""
    values = pictures.astype(np.int32)
    right = np.abs(np.diff(values, axis=2, append=values[:, :, -1:])).sum(axis=3)
    down = np.abs(np.diff(values, axis=1, append=values[:, -1:])).sum(axis=3)
    mean = (right + down).sum(axis=0) // len(pictures)
    return (box_sums(mean[None].astype(np.int32), 5) // 25).reshape(-1)


def is_uniform(pictures: NDArray[np.uint8], ties: tuple[Ints, Ints, Ints]) -> NDArray[np.bool_]:
    """Return whether each picture (K, S, S, 3) has the same colour in both cells of each tie, (K, ties)."""
    values = pictures.reshape(len(pictures), -1, 3).astype(np.int16)
    uniform = np.abs(values[:, ties[0]] - values[:, ties[1]]).max(axis=2) < _UNIFORM
    return np.ascontiguousarray(uniform)  # numba compiles `expand` again for another memory layout
