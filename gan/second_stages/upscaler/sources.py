"""What the training of an upscaler needs of its data."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Protocol, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan.second_stages.upscaler.network import Upscaler

# the inputs of `Upscaler`: by side (B, C, side, side), and conditions (B, N)
Inputs: TypeAlias = tuple[dict[int, Tensor], Tensor | None]
AT_ONCE = 25  # held-out pictures


class Source(Protocol):
    """The training data of `gan.second_stages.upscaler.train`."""

    device: torch.device
    held: int
    colour_choices: list[Tensor]  # for each attribute that only selects colours, the indices of its conditions

    @property
    def ready(self) -> int:
        """The number of drawings available so far."""

    def wait(self, count: int) -> None:
        """Return when ``count`` drawings are available."""

    def loss(self, network: Upscaler, size: int) -> Tensor:
        """The loss of ``network`` for ``size`` random pictures."""

    def quality(self, network: Upscaler) -> dict[str, float]:
        """Figures of ``network`` for the held-out pictures, which `loss` never sees."""

    def sheet(self, network: Upscaler, count: int) -> Tensor:
        """Held-out pictures by ``network`` and by the artist: uint8 (N, 2, 3, 256, 256), at most ``count``."""

    def tensors(self) -> dict[str, Tensor]:
        """Tensors to be stored in the upscaler's file beside the network's own."""


class Pictures:
    """Drawings, uint8 of one shape, on a device, filled by a background thread."""

    def __init__(self, drawn: Iterator[NDArray[np.uint8]], shape: tuple[int, ...], device: torch.device) -> None:
        """``shape``: that of all drawings together, with their number first."""
        self.all = torch.empty(shape, dtype=torch.uint8, device=device)
        self.ready = 0
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._fill, args=(drawn,), daemon=True)
        self._thread.start()

    def _fill(self, drawn: Iterator[NDArray[np.uint8]]) -> None:
        try:
            for picture in drawn:
                self.all[self.ready] = torch.from_numpy(picture).to(self.all.device)
                self.ready += 1
        except BaseException as error:  # noqa: BLE001  # raised again in the waiting thread
            self._failed = error

    def wait(self, count: int) -> None:
        """Return when ``count`` are available; raises errors of the background thread."""
        while self.ready < min(count, len(self.all)):
            if self._failed is not None:
                raise self._failed
            time.sleep(0.05)

    def some(self, count: int) -> Tensor:
        """``count`` random drawings."""
        return self.all[torch.randint(self.ready, (count,), device=self.all.device)]
