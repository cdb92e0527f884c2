"""Clean areas: what is nearly one of the drawing's own colours becomes that colour.

The house artist fills every area with one of a few colours, and conditions say which. A network draws them a little
unevenly. Here each pixel within reach of one of the colours is pulled to it, the nearer the more; what lies between
two of them, at an edge, stays between. Whole numbers throughout.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan.checkpoint.tensor_files import WeightsError
from gan.upscaling.spec import LARGEST, Spec

REACH = 32  # levels of 255, distance in RGB: a colour beyond is left as it is
WHOLE = 0.5  # of that distance: up to here nothing is left of the difference
CELL = 16  # levels: side of the cubes of RGB for which the nearest colour is looked up
_PARTS = 256  # a share of 1, in whole numbers


class Palette:
    """The colours that conditions choose: a sum of each one's colours, and of colours that are always the same."""

    def __init__(self, spec: Spec, tensors: Mapping[str, Tensor]) -> None:
        """Raises `WeightsError` for tensors of another shape."""
        chosen, still = tensors.get("palette.chosen"), tensors.get("palette.still")
        wanted = (spec.conditions, spec.colours, 3)
        for name, tensor, shape in (("chosen", chosen, wanted), ("still", still, wanted[1:])):
            if tensor is None or tuple(tensor.shape) != shape or tensor.dtype != torch.uint8:
                raise WeightsError(f"these weights do not fit the upscaler: palette.{name} is not uint8 {shape}")
        assert chosen is not None and still is not None  # noqa: S101, PT018  # looked at just above
        self._chosen, self._still = chosen.flatten(1), still.float()

    def __call__(self, conditions: Tensor) -> NDArray[np.int32]:
        """(N,) of 0 … 255 -> (K, 3) of 0 … 255."""
        used = conditions.nonzero().flatten()
        summed = conditions[used].float()[None] @ self._chosen[used].float()  # at most 255² a condition: exact
        chosen = (summed / LARGEST).round_().view_as(self._still)
        palette: NDArray[np.int32] = (chosen + self._still).clamp_(0, LARGEST).int().numpy()
        return palette


def snapped(pixels: NDArray[np.uint8], palette: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Pull ``pixels`` (H, W, 3) to the colours ``palette`` (K, 3) that they nearly are.

    Fast where each channel of ``pixels`` lies together in memory, as it does in what is returned.
    """
    channels = [pixels[..., channel] for channel in range(3)]
    red, green, blue = (channel.astype(np.uint16) >> 4 for channel in channels)
    cubes = (red << 8) | (green << 4) | blue
    nearest = palette[_nearest(palette)].astype(np.int16)
    # what is further off in one channel is out of reach anyway, and its square would not fit into 16 bits
    apart = [
        np.clip(channel - nearest[:, number].take(cubes), -REACH - 1, REACH + 1)
        for number, channel in enumerate(channels)
    ]
    square = apart[0] * apart[0] + apart[1] * apart[1] + apart[2] * apart[2]
    lost = _LOST.take(np.minimum(square, REACH**2))
    made = np.empty((3, *pixels.shape[:2]), np.uint8)
    for new, old, far in zip(made, channels, apart, strict=True):
        np.subtract(old, (far * lost + _PARTS // 2) >> 8, out=new, casting="unsafe")
    return np.moveaxis(made, 0, 2)


def _nearest(palette: NDArray[np.int32]) -> NDArray[np.intp]:
    """For each cube of RGB the number of the colour nearest to its middle, (4096,)."""
    # nearest: smallest |x - p|² and so largest 2·x·p - |p|²; whole numbers below 2²⁴, so float32 holds them
    score = _MIDDLES @ (2 * palette.T).astype(np.float32) - (palette**2).sum(axis=1).astype(np.float32)
    nearest: NDArray[np.intp] = score.argmax(axis=1)
    return nearest


def _lost() -> NDArray[np.int16]:
    """For each square of a distance up to REACH which share of it goes, in 256ths."""
    way = np.clip((np.sqrt(np.arange(REACH**2 + 1)) / REACH - WHOLE) / (1 - WHOLE), 0, 1)
    return _PARTS - np.floor(_PARTS * way * way * (3 - 2 * way) + 0.5).astype(np.int16)


_LOST = _lost()
_MIDDLES = np.stack(np.meshgrid(*[np.arange(CELL // 2, 256, CELL)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
_MIDDLES = _MIDDLES.astype(np.float32)
