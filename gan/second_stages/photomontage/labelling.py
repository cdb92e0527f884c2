"""Labelling: assign a source to each cell of a grid, minimising an energy by alpha-expansion.

The energy is the sum of

- the guide term of each cell: the local distance of its source from the guide,
- the price of each cell's source, times the cell's detail: limits the share of a single source,
- the seam of each pair of neighbouring cells with different sources: their disagreement on either side,
- the tie of each pair of distant cells that have the same colour in nearly every picture (two places of the background,
  or of a face): its cost applies where each source has one colour in both cells, but the two colours differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan.second_stages.photomontage.compiled import compiled
from gan.second_stages.photomontage.mincut import saturate, take_sink_side

Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]

MOST_SWEEPS = 8
SAME_COLOUR = 24  # of 255: difference of a channel from which a tie costs its whole weight


@dataclass(frozen=True)
class Graph:
    """Cell pairs with pairwise terms: first `seams` of neighbours, then ties of distant cells."""

    side: int
    seams: int
    one: Ints  # (E,) first cell of each pair, numbered row by row
    other: Ints  # (E,)
    weights: Ints  # (E - seams,) of the ties
    head: Ints  # (2E,) and the next two: the graph in the format of `gan.second_stages.photomontage.mincut`
    arcs: Ints
    first: Ints

    @classmethod
    def build(cls, side: int, ties: tuple[Ints, Ints, Ints]) -> Graph:
        """Return the graph of a square grid; `ties` are first cells, second cells and weights."""
        cells = np.arange(side * side, dtype=np.int32).reshape(side, side)
        one = np.concatenate([cells[:, :-1].ravel(), cells[:-1].ravel(), ties[0]])
        other = np.concatenate([cells[:, 1:].ravel(), cells[1:].ravel(), ties[1]])
        head = np.stack([other, one], axis=1).ravel()
        tail = np.stack([one, other], axis=1).ravel()
        arcs = np.argsort(tail, kind="stable").astype(np.int32)
        first = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=side * side))]).astype(np.int32)
        return cls(side, 2 * side * (side - 1), one, other, ties[2], head, arcs, first)


@dataclass
class Energy:
    """The terms of one icon's energy for K candidate sources on a grid of N cells."""

    graph: Graph
    guide: Ints  # (K, N)
    seams: NDArray[np.int16]  # (K, K, N): a cell's part of the seam cost of two sources
    colours: NDArray[np.int16]  # (K, N, 3)
    uniform: Bools  # (K, ties): whether the source has one colour in both cells
    detail: Ints  # (N,)
    prices: Ints  # (K,)
    change: int  # constant cost of every seam

    def reduce(self, labels: Ints, enough: float) -> None:
        """Reduce the energy of `labels` (N,) in place: sweep over all sources until few cells change.

        `enough` is that share of the cells.
        """
        residual = np.empty(2 * len(self.graph.one), np.int32)
        excess = np.empty(len(labels), np.int32)
        graph, count = self.graph, len(self.guide)
        quiet = 0  # sources tried since the last change
        for _ in range(MOST_SWEEPS):
            changed = 0
            for source in range(count):
                moved = expand(
                    labels, source, self.guide, self.prices, self.detail, self.seams, self.change, self.colours,
                    self.uniform, graph.weights, graph.one, graph.other, graph.seams, graph.first, graph.arcs,
                    graph.head, residual, excess,
                )  # fmt: skip
                changed += moved
                quiet = 0 if moved else quiet + 1
                if quiet >= count - 1:
                    return
            if changed <= enough * len(labels):
                return

    def shares(self, labels: Ints) -> NDArray[np.float64]:
        """Return the share of the icon's detail supplied by each source, (K,)."""
        supplied = np.bincount(labels, self.detail, len(self.guide))
        return supplied / max(1, int(self.detail.sum()))


@compiled
def pair_cost(a: int, b: int, pair: int, seams: Any, change: int, colours: Any, uniform: Any, weights: Any,
              one: int, other: int, neighbours: int) -> int:  # fmt: skip
    """Return the pairwise cost of sources `a` and `b` in the cells `one` and `other` of a pair."""
    if a == b:
        return 0
    if pair < neighbours:
        return int(seams[a, b, one]) + int(seams[a, b, other]) + change
    tie = pair - neighbours
    if not (uniform[a, tie] and uniform[b, tie]):
        return 0
    apart = 0
    for channel in range(3):
        apart = max(apart, abs(int(colours[a, one, channel]) - int(colours[b, one, channel])))
    return int(weights[tie]) * min(SAME_COLOUR, apart) // SAME_COLOUR


@compiled
def expand(labels: Any, source: int, guide: Any, prices: Any, detail: Any, seams: Any, change: int, colours: Any,
           uniform: Any, weights: Any, one: Any, other: Any, neighbours: int, first: Any, arcs: Any, head: Any,
           residual: Any, excess: Any) -> int:  # fmt: skip
    """Alpha-expansion: relabel the best set of cells to `source`, in place; return the number of changed cells.

    A tie can violate the triangle inequality. The cost of keeping both labels is then reduced, so the move may be
    suboptimal but never raises the energy (Rother et al., "Digital Tapestry", CVPR 2005).
    """
    for cell in range(len(labels)):
        now = labels[cell]
        excess[cell] = guide[source, cell] - guide[now, cell]
        # rounded separately: otherwise each of two sources with different prices would seem cheaper than the other
        excess[cell] += prices[source] * detail[cell] // 64 - prices[now] * detail[cell] // 64
    for pair in range(len(one)):
        p = one[pair]
        q = other[pair]
        a = labels[p]
        b = labels[q]
        residual[2 * pair] = 0
        residual[2 * pair + 1] = 0
        if a == source and b == source:
            continue
        if pair >= neighbours and not uniform[source, pair - neighbours]:
            continue  # the source breaks no tie here, and keeping both labels is free
        second = pair_cost(source, a, pair, seams, change, colours, uniform, weights, p, q, neighbours)
        both = second
        keep = 0
        if a != b:
            both = pair_cost(source, b, pair, seams, change, colours, uniform, weights, p, q, neighbours)
            keep = pair_cost(a, b, pair, seams, change, colours, uniform, weights, p, q, neighbours)
            keep = min(keep, second + both)
        # The pair's cost beyond `keep`, split into unary terms that add up to -keep, and a pairwise term. A balanced
        # split avoids large flows between the two cells.
        price = min(max(-(keep // 2), -second), both - keep)
        excess[p] += price
        excess[q] -= keep + price
        residual[2 * pair] = second + price
        residual[2 * pair + 1] = both - keep - price
    saturate(first, arcs, head, residual, excess)
    takes = take_sink_side(first, arcs, head, residual, excess)
    changed = 0
    for cell in range(len(labels)):
        if takes[cell] and labels[cell] != source:
            labels[cell] = source
            changed += 1
    return changed
