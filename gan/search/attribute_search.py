"""Attribute search: find seeds with given attribute values.

The values that a seed selects never change, so they are cached in a table that grows during searches.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from gan.codes import MAX_SEED, IconCode
from gan.latent.resolve import seed_latents

if TYPE_CHECKING:
    from gan.checkpoint.model_card import ModelCard


class Choosing(Protocol):
    """The part of `gan.sampling.sampler.Sampler` that the search needs."""

    @property
    def card(self) -> ModelCard:
        """The model's card."""

    def choices(self, latents: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the value indices that latents select, (N, attributes)."""


BLOCK = 1024  # seeds per batch, some 50 ms
MOST = 2**19  # seeds in the table, one byte for each attribute


@dataclass(frozen=True, slots=True)
class Found:
    """The icon that meets the most conditions."""

    code: IconCode
    unmet: tuple[str, ...]  # the attributes whose conditions it does not meet, in the order requested


class SeedSearch:
    """A table of the values that seeds select, from `first` on. Not thread-safe.

    `clock` measures the time limit of a search.
    """

    def __init__(self, sampler: Choosing, first: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._sampler = sampler
        self._first = first
        self._clock = clock
        self._names = [str(attribute["name"]) for attribute in sampler.card.attributes]
        self._values = [[str(value) for value in attribute["values"]] for attribute in sampler.card.attributes]
        self._blocks: list[NDArray[np.uint8]] = []  # (BLOCK, attributes)

    def find(self, conditions: Mapping[str, Collection[str]], *, seconds: float = 4.0, skip: int = 0) -> Found:
        """Return the first of `find_some`."""
        return self.find_some(conditions, 1, seconds=seconds, skip=skip)[0]

    def find_some(
        self, conditions: Mapping[str, Collection[str]], most: int, *, seconds: float = 4.0, skip: int = 0
    ) -> list[Found]:
        """Return up to `most` seeds that select a requested value for each attribute in `conditions`.

        If none is found within `seconds`, it returns those that meet the most conditions; otherwise it stops after a
        quarter of that time. The search of the existing table starts at block `skip`, cyclically: another number finds
        other icons. Raises ValueError for no conditions, and for unknown attributes and values.
        """
        columns = {name: self._column(name, values) for name, values in conditions.items()}
        if not columns:
            raise ValueError("a search needs a condition")
        begun = self._clock()
        best, rows = -1, list[int]()
        known = len(self._blocks)
        for n in itertools.count():
            complete = best == len(columns)
            if complete and len(rows) >= most:
                break
            patience = seconds / 4 if complete else seconds
            if n >= known and n and (self._clock() > begun + patience or n * BLOCK >= MOST):
                break
            if n >= known:
                self._grow()
            block = (n + skip) % known if n < known else n
            met = np.sum([table[self._blocks[block][:, column]] for column, table in columns.values()], axis=0)
            if met.max() > best:
                best, rows = int(met.max()), []
            rows += [block * BLOCK + int(row) for row in np.flatnonzero(met == best)[: most - len(rows)]]
        return [self._found(row, columns) for row in rows]

    def _found(self, row: int, columns: Mapping[str, tuple[int, NDArray[np.int64]]]) -> Found:
        chosen = self._blocks[row // BLOCK][row % BLOCK]
        unmet = tuple(name for name, (column, table) in columns.items() if not table[chosen[column]])
        return Found(IconCode.from_seed(self._seed(row)), unmet)

    def _column(self, name: str, values: Collection[str]) -> tuple[int, NDArray[np.int64]]:
        """Return the index of an attribute, and for each of its values whether it is requested."""
        known = self._values[self._names.index(name)] if name in self._names else []
        if unknown := [value for value in values if value not in known]:
            raise ValueError(f"this model knows no {name} {unknown[0]}")
        return self._names.index(name), np.array([value in values for value in known], np.int64)

    def _grow(self) -> None:
        start = len(self._blocks) * BLOCK
        latents = seed_latents((self._seed(row) for row in range(start, start + BLOCK)), self._sampler.card.z_dim)
        self._blocks.append(self._sampler.choices(latents).astype(np.uint8))

    def _seed(self, row: int) -> int:
        return (self._first + row) % (MAX_SEED + 1)
