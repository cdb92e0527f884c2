"""Cuts are minimal and independent of the order of edges."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gan.second_stages.photomontage.mincut import saturate, take_sink_side

NODES = 6
TERMINALS = st.lists(st.integers(-9, 9), min_size=NODES, max_size=NODES)
PAIRS = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.integers(0, 9), st.integers(0, 9)).filter(
        lambda edge: edge[0] != edge[1]
    ),
    max_size=14,
)
Edges = list[tuple[int, int, int, int]]


def solve(terminals: list[int], edges: Edges) -> tuple[bool, ...]:
    """Return which nodes the cut puts on the sink's side."""
    one = np.array([e[0] for e in edges], np.int32)
    other = np.array([e[1] for e in edges], np.int32)
    head = np.stack([other, one], axis=1).ravel()
    tail = np.stack([one, other], axis=1).ravel()
    arcs = np.argsort(tail, kind="stable").astype(np.int32)
    first = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=NODES))]).astype(np.int32)
    residual = np.array([c for e in edges for c in e[2:]], np.int32)
    excess = np.array(terminals, np.int32)
    saturate(first, arcs, head, residual, excess)
    return tuple(take_sink_side(first, arcs, head, residual, excess).tolist())


def cost(terminals: list[int], edges: Edges, sink: tuple[bool, ...]) -> int:
    """Return what a cut costs: source arcs into its sink side, sink arcs out of its source side, edges between."""
    total = sum(t for t, s in zip(terminals, sink, strict=True) if t > 0 and s)
    total += sum(-t for t, s in zip(terminals, sink, strict=True) if t < 0 and not s)
    for p, q, forth, back in edges:
        total += forth * (not sink[p] and sink[q]) + back * (sink[p] and not sink[q])
    return total


@settings(max_examples=200, deadline=None)
@given(TERMINALS, PAIRS)
def test_no_other_cut_is_cheaper_and_none_as_cheap_has_fewer_nodes_at_the_sink(
    terminals: list[int], edges: Edges
) -> None:
    found = solve(terminals, edges)
    ways = list(itertools.product([False, True], repeat=NODES))
    least = min(cost(terminals, edges, way) for way in ways)
    assert cost(terminals, edges, found) == least
    assert sum(found) == min(sum(way) for way in ways if cost(terminals, edges, way) == least)


@settings(max_examples=50, deadline=None)
@given(TERMINALS, PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_the_edges_does_not_matter(terminals: list[int], edges: Edges, rng: object) -> None:
    shuffled = edges.copy()
    rng.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands in random.Random
    assert solve(terminals, shuffled) == solve(terminals, edges)
