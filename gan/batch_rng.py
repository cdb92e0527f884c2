"""Random numbers of a training run: one stream, shared by all processes of the group."""

from __future__ import annotations

import torch
from torch import Tensor


class BatchRng:
    """Samples random numbers for the rows (pictures) of a batch.

    Where ``parts`` processes share a batch, each samples for all rows and keeps every ``parts``-th one, starting at
    ``part``. The result does not depend on the number of processes, and a checkpoint holds a single state.
    """

    def __init__(self, seed: int, part: int = 0, parts: int = 1, device: torch.device | None = None) -> None:
        """``device`` is where the numbers go. The CPU generates them, so they are the same on every device."""
        self.stream = torch.Generator().manual_seed(seed)
        self.part = part
        self.parts = parts
        self.device = device or torch.device("cpu")

    def uniform(self, rows: int, *shape: int) -> Tensor:
        """(rows, *shape) in [0, 1)."""
        return self._own(torch.rand(rows * self.parts, *shape, generator=self.stream))

    def normal(self, rows: int, *shape: int) -> Tensor:
        """(rows, *shape), standard normal."""
        return self._own(torch.randn(rows * self.parts, *shape, generator=self.stream))

    def integers(self, low: int, high: int, rows: int, *shape: int) -> Tensor:
        """(rows, *shape) int64 in low … high - 1."""
        return self._own(torch.randint(low, high, (rows * self.parts, *shape), generator=self.stream))

    def _own(self, drawn: Tensor) -> Tensor:
        own = drawn[self.part :: self.parts]
        if self.device.type == "cuda":  # a copy from pinned memory does not wait for the GPU
            own = own.contiguous().pin_memory()
        return own.to(self.device, non_blocking=True)
