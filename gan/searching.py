"""Searching seeds for an icon with given attributes.

What a seed chooses is frozen, so a table of it need never be made twice: the table grows while it is searched, and
what was looked at for one search serves the next.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from gan.codes import MAX_SEED, IconCode
from gan.latent import seed_latents

if TYPE_CHECKING:
    from gan.model_card import ModelCard


class Choosing(Protocol):
    """What a search needs of `gan.sampling.Sampler`."""

    @property
    def card(self) -> ModelCard:
        """The model's card, with its attributes."""

    def choices(self, latents: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return what latents choose, (N, attributes)."""


BLOCK = 1024  # seeds looked at in one go, some 50 ms
MOST = 2**19  # seeds in the table, a byte for each attribute


@dataclass(frozen=True, slots=True)
class Found:
    """The icon that fulfils the most wishes."""

    code: IconCode  # a plain seed
    unmet: tuple[str, ...]  # the attributes whose wish it does not fulfil, in the order of the wishes


class SeedSearch:
    """A table of what seeds choose, from `first` on; for one thread at a time."""

    def __init__(self, sampler: Choosing, first: int = 0) -> None:
        self._sampler = sampler
        self._first = first
        self._names = [str(attribute["name"]) for attribute in sampler.card.attributes]
        self._values = [[str(value) for value in attribute["values"]] for attribute in sampler.card.attributes]
        self._blocks: list[NDArray[np.uint8]] = []  # (BLOCK, attributes)

    def find(self, wishes: Mapping[str, Collection[str]], *, seconds: float = 4.0, skip: int = 0) -> Found:
        """Return a seed for which each attribute in `wishes` has one of the values wished for.

        Where none is found in `seconds`, the one that fulfils the most. What is in the table already is looked
        through from block number `skip` on, round and round: another number finds another icon. Raises ValueError
        for no wishes, and for attributes and values that the model does not know.
        """
        columns = {name: self._column(name, values) for name, values in wishes.items()}
        if not columns:
            raise ValueError("a search needs a wish")
        until = time.monotonic() + seconds
        best, best_row = -1, 0
        known = len(self._blocks)
        for n in itertools.count():
            if n >= known and n and (time.monotonic() > until or n * BLOCK >= MOST):
                break
            if n >= known:
                self._grow()
            block = (n + skip) % known if n < known else n
            met = np.sum([table[self._blocks[block][:, column]] for column, table in columns.values()], axis=0)
            row = int(np.argmax(met))
            if met[row] > best:
                best, best_row = int(met[row]), block * BLOCK + row
            if best == len(columns):
                break
        chosen = self._blocks[best_row // BLOCK][best_row % BLOCK]
        unmet = tuple(name for name, (column, table) in columns.items() if not table[chosen[column]])
        return Found(IconCode.from_seed(self._seed(best_row)), unmet)

    def _column(self, name: str, values: Collection[str]) -> tuple[int, NDArray[np.int64]]:
        """Return the number of an attribute, and for each of its values whether it is wished for."""
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
