"""Processes that train together: each learns from its part of a batch, and they agree on every step.

The first of them, the leader, keeps the run: it says when to step, saves and reports. The others follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor
from torch import distributed as dist

from gan.errors import MeliconError

# Orders of the leader. A number in 0 … 1 is one step at that share of the run.
AVERAGE, END = 2.0, 3.0


class ProcessLostError(MeliconError):
    """Another process of the team is gone; str says which, where that is known."""


class ProcessGroup:
    """All processes of a team as one of them sees them; by default there is no other.

    What is done together must be done by all of them in the same order. Everything raises PeerLostError when one of
    them is gone.
    """

    def __init__(self, rank: int = 0, count: int = 1, exit_reason: Callable[[], str] | None = None) -> None:
        self.rank = rank
        self.count = count
        self._exit_reason = exit_reason or (lambda: "the connection to another training process was lost")

    @property
    def leads(self) -> bool:
        """Whether this process keeps the run."""
        return self.rank == 0

    def announce(self, order: float) -> None:
        """Tell the others what all do next."""
        if self.count > 1:
            self._broadcast(torch.tensor([order], dtype=torch.float64))

    def receive_order(self) -> float:
        """What the leader announces."""
        order = torch.zeros(1, dtype=torch.float64)
        self._broadcast(order)
        return order.item()

    def send(self, data: bytes) -> None:
        """Give the others a copy."""
        if self.count > 1:
            self._broadcast(torch.tensor([len(data)]))
            self._broadcast(torch.frombuffer(bytearray(data), dtype=torch.uint8))

    def receive(self) -> bytes:
        """What the leader sends."""
        size = torch.zeros(1, dtype=torch.int64)
        self._broadcast(size)
        data = torch.empty(int(size), dtype=torch.uint8)
        self._broadcast(data)
        return data.numpy().tobytes()

    @torch.no_grad()
    def average(self, tensors: Sequence[Tensor]) -> None:
        """Set each tensor to its mean over all processes, in one go and in float32."""
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
        except RuntimeError as error:  # gloo and nccl have no class of their own for a closed connection
            raise ProcessLostError(self._exit_reason()) from error
