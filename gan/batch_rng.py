"""The random numbers of a training run: one stream for all processes that train together."""

from __future__ import annotations

import torch
from torch import Tensor


class BatchRng:
    """Throws for the rows (pictures) of a batch.

    Where ``parts`` processes share a batch, each of them throws for all rows and keeps every ``parts``-th one from
    ``part`` on. So together they see the numbers that one process alone would see, and a checkpoint holds one state,
    whoever goes on with it.
    """

    def __init__(self, seed: int, part: int = 0, parts: int = 1) -> None:
        self.stream = torch.Generator().manual_seed(seed)
        self.part = part
        self.parts = parts

    def uniform(self, rows: int, *shape: int) -> Tensor:
        """(rows, *shape) in [0, 1)."""
        return self._own(torch.rand(rows * self.parts, *shape, generator=self.stream))

    def normal(self, rows: int, *shape: int) -> Tensor:
        """(rows, *shape), standard normal."""
        return self._own(torch.randn(rows * self.parts, *shape, generator=self.stream))

    def integers(self, low: int, high: int, rows: int, *shape: int) -> Tensor:
        """(rows, *shape) int64 in low … high - 1."""
        return self._own(torch.randint(low, high, (rows * self.parts, *shape), generator=self.stream))

    def _own(self, thrown: Tensor) -> Tensor:
        return thrown[self.part :: self.parts]
