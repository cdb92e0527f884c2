"""Compute a labelling for a guide: on a coarse grid first, then on a fine one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan.second_stages.photomontage import costs
from gan.second_stages.photomontage.costs import GRID, LAYOUT, SEEN, shrink
from gan.second_stages.photomontage.labelling import Energy, Graph, Ints
from gan.second_stages.photomontage.recipe import Recipe


class Labelling(NamedTuple):
    """The labelling of an icon."""

    sources: NDArray[np.int64]  # (64, 64): picture indices
    share: float  # of the icon's detail, supplied by its main source


class Composer:
    """Assigns a style's pictures to the cells of an icon. Thread-safe."""

    def __init__(self, pictures: NDArray[np.uint8], recipe: Recipe) -> None:
        """`pictures`: uint8 (N, 256, 256, 3)."""
        self._recipe = recipe
        self._seen = shrink(pictures, SEEN)
        self._fine = shrink(self._seen, GRID)
        self._coarse = shrink(self._fine, GRID // 2)
        self._layouts = shrink(self._coarse, LAYOUT)
        self._detail = costs.detail_of(self._fine)
        self._fine_ties = costs.find_ties(self._fine, GRID)
        self._coarse_ties = costs.find_ties(self._coarse, GRID // 2)
        self._fine_graph = Graph.build(GRID, self._fine_ties)
        self._coarse_graph = Graph.build(GRID // 2, self._coarse_ties)

    def label(self, guide: NDArray[np.uint8]) -> Labelling:
        """Return the labelling for `guide`, uint8 (64, 64, 3)."""
        recipe = self._recipe
        numbers = costs.choose_candidates(self._layouts, guide, recipe.candidates)
        term = costs.guide_term(
            self._fine[numbers], guide, blur=recipe.blur, window=recipe.window, weight=recipe.weight
        )
        seams = costs.seam_costs(self._seen[numbers])
        coarse = self._coarse_energy(numbers, term, seams)
        labels = np.full(coarse.graph.side**2, int(coarse.guide.sum(axis=1).argmin()), np.int32)
        coarse.reduce(labels, enough=0.03)
        for _ in range(recipe.price_rounds):
            over = 100 * coarse.shares(labels) > recipe.largest_share
            if not over.any():
                break
            coarse.prices[over] += recipe.price_step
            coarse.reduce(labels, enough=0.1)

        used, positions = np.unique(labels, return_inverse=True)
        grid = positions.astype(np.int32).reshape(GRID // 2, GRID // 2)
        labels = grid.repeat(2, axis=0).repeat(2, axis=1).ravel()
        fine = self._fine_energy(numbers[used], term[used], seams[used][:, used], coarse.prices[used])
        fine.reduce(labels, enough=0.02)
        share = float(fine.shares(labels).max())
        return Labelling(numbers[used][labels].reshape(GRID, GRID), share)

    def _fine_energy(self, numbers: NDArray[np.int64], term: Ints, seams: NDArray[np.int16], prices: Ints) -> Energy:
        colours = self._fine[numbers].reshape(len(numbers), -1, 3).astype(np.int16)
        uniform = costs.is_uniform(self._fine[numbers], self._fine_ties)
        return Energy(
            self._fine_graph, term, np.ascontiguousarray(seams), colours, uniform, self._detail, prices,
            self._recipe.change,
        )  # fmt: skip

    def _coarse_energy(self, numbers: NDArray[np.int64], term: Ints, seams: NDArray[np.int16]) -> Energy:
        """Return the energy for cells of 2×2, whose sides are twice as long."""
        colours = self._coarse[numbers].reshape(len(numbers), -1, 3).astype(np.int16)
        uniform = costs.is_uniform(self._coarse[numbers], self._coarse_ties)
        return Energy(
            self._coarse_graph,
            _gather(term),
            costs.coarse_seam_costs(seams),
            colours,
            uniform,
            _gather(self._detail),
            np.zeros(len(numbers), np.int32),
            2 * self._recipe.change,
        )


def _gather(cells: NDArray[np.integer]) -> Ints:
    """Return the sums over blocks of 2×2 cells, (…, 4096) -> (…, 1024)."""
    half = GRID // 2
    sums: Ints = cells.reshape(*cells.shape[:-1], half, 2, half, 2).sum(axis=(-3, -1), dtype=np.int32)
    return sums.reshape(*cells.shape[:-1], half * half)
