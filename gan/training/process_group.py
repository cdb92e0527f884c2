"""Data-parallel training: each process computes gradients on its part of a batch, then they are averaged.

Rank 0, the leader, decides when to step, saves and reports. The others are workers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from torch import distributed as dist

from gan.errors import MeliconError

# Orders from the leader. A number in 0 … 1 is one step at that progress.
AVERAGE, END = 2.0, 3.0


class ProcessLostError(MeliconError):
    """Another process of the group is gone; str says which, where that is known."""


class ProcessGroup:
    """The process group as one process sees it; by default it has no other members.

    All collective operations must run in the same order in every process. They raise ProcessLostError when one of the
    processes is gone.
    """

    def __init__(self, rank: int = 0, count: int = 1, exit_reason: Callable[[], str] | None = None) -> None:
        self.rank = rank
        self.count = count
        self._exit_reason = exit_reason or (lambda: "the connection to another training process was lost")

    @property
    def leads(self) -> bool:
        """Whether this process is the leader."""
        return self.rank == 0

    def announce(self, order: float) -> None:
        """Broadcast the next order to the workers."""
        if self.count > 1:
            self._broadcast(torch.tensor([order], dtype=torch.float64))

    def receive_order(self) -> float:
        """Receive the leader's order."""
        order = torch.zeros(1, dtype=torch.float64)
        self._broadcast(order)
        return order.item()

    def send(self, data: bytes) -> None:
        """Broadcast bytes to the workers."""
        if self.count > 1:
            self._broadcast(torch.tensor([len(data)]))
            self._broadcast(torch.frombuffer(bytearray(data), dtype=torch.uint8))

    def receive(self) -> bytes:
        """Receive what the leader sends."""
        size = torch.zeros(1, dtype=torch.int64)
        self._broadcast(size)
        data = torch.empty(int(size), dtype=torch.uint8)
        self._broadcast(data)
        return data.numpy().tobytes()

    @torch.no_grad()
    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its mean over all processes, in one all-reduce and in float32."""
        if self.count == 1 or not tensors:
            return
        flat = torch.cat([t.reshape(-1).float() for t in tensors])
        with self._together():
            dist.all_reduce(flat)
        flat /= self.count
        parts = torch.split(flat, [t.numel() for t in tensors])
        torch._foreach_copy_(list(tensors), [part.view(t.shape) for part, t in zip(parts, tensors, strict=True)])

    def _broadcast(self, tensor: Tensor) -> None:
        with self._together():
            dist.broadcast(tensor, 0)

    @contextmanager
    def _together(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:  # gloo and nccl have no exception class for a closed connection
            raise ProcessLostError(self._exit_reason()) from error
