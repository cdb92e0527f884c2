"""Upscaler inference: integer arithmetic in float32, with identical pixels on every machine.

Activations are integers from -255 to 255, and the weights of a filter are integer multiples of a power of two. Every
sum of products is then a multiple of that power. As long as no sum can reach 2²⁴ of them, float32 holds each partial
sum exactly, so the order of summation does not matter: any instruction set, thread count or batch gives the same bits.
`_Layer` refuses weights without that guarantee. Matrix products are used instead of library convolutions, whose
algorithms (Winograd, FFT) have larger intermediate sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor
from torch.nn import functional as F

from gan.checkpoint.tensor_files import WeightsError, read_tensors
from gan.second_stages.upscaler.label_map import Scores, painted
from gan.second_stages.upscaler.palette import Palette
from gan.second_stages.upscaler.rgb_palette_snapping import snapped
from gan.second_stages.upscaler.spec import LARGEST, Spec, Stage

CERTAIN = 2**24  # integers up to here are exact in float32
LARGEST_FILE = 16 * 2**20  # bytes
ROWS = 32  # rows of a large picture that are processed together, to stay in the cache


class ExactUpscaler:
    """Draws from integer inputs. Stateless between calls, so threads may share it."""

    def __init__(self, spec: Spec, tensors: Mapping[str, Tensor]) -> None:
        """Raises `WeightsError` for tensors of another shape, or if sums might not be exact."""
        self.spec = spec
        self._layers: dict[str, _Layer] = {}
        self._maps: dict[int, _Map] = {}
        last = spec.stages[-1]
        wanted: dict[str, tuple[int, int, int, bool]] = {}
        for stage in spec.stages:
            if channels := spec.map_channels_of(stage):
                self._maps[stage.side] = _Map(spec.map_of(stage), spec.conditions, channels, stage.side, tensors)
            c_in = spec.inputs_of(stage)
            for number in range(stage.convolutions):
                wanted[f"{stage.side}_{number}"] = (c_in, stage.width, 3, number > 0)
                c_in = stage.width
            if stage is not last or not spec.labels:
                wanted[f"{stage.side}_grow"] = (stage.width, 4 * stage.grows, stage.grow_kernel, False)
        if not spec.labels:
            wanted["colours"] = (last.grows, 3 * 4, 3, False)
        self._palette = Palette(spec, tensors) if spec.colours else None
        for name, (c_in, c_out, kernel, residual) in wanted.items():
            self._layers[name] = _Layer(name, tensors, (c_out, c_in, kernel, kernel), residual=residual)
        self._scores = _Scores(f"{last.side}_grow", tensors, last) if spec.labels else None

    def __call__(self, inputs: Mapping[int, Tensor], conditions: Tensor | None = None) -> NDArray[np.uint8]:
        """Draw one picture, uint8 (S, S, 3): S is 512 for an architecture with labels, otherwise 256.

        ``inputs`` are integers in float32 (side, side, C) for each stage with inputs, ``conditions`` integers (N,) from
        0 to 255.
        """
        if self.spec.labels and conditions is not None:
            return painted(*self.label_map(inputs, conditions))
        with torch.inference_mode():
            drawn = _picture(self._layers["colours"](_padded([self._last(inputs, conditions)])))
            if self._palette is None or conditions is None:
                return drawn
            return snapped(drawn, self._palette(conditions))

    def label_map(self, inputs: Mapping[int, Tensor], conditions: Tensor) -> tuple[Scores, NDArray[np.int32]]:
        """Return a picture as scores and palette, for an architecture with labels."""
        assert self._scores is not None and self._palette is not None  # noqa: S101, PT018  # it has labels
        with torch.inference_mode():
            return self._scores(self._last(inputs, conditions)), self._palette(conditions)

    def _last(self, inputs: Mapping[int, Tensor], conditions: Tensor | None) -> Tensor:
        """Return the output of the last stage."""
        x: Tensor | None = None
        for stage in self.spec.stages:
            x = self._stage(stage, x, inputs.get(stage.side), conditions)
        assert x is not None  # noqa: S101  # there is at least one stage
        return x

    def _stage(self, stage: Stage, x: Tensor | None, inputs: Tensor | None, conditions: Tensor | None) -> Tensor:
        """From ``stage.side`` (side, side, C) to twice the side, or to the input of `_Scores`."""
        own = None if conditions is None or stage.side not in self._maps else self._maps[stage.side](conditions)
        padded = _padded([part for part in (x, own, inputs) if part is not None])
        for number in range(stage.convolutions):
            padded = _padded([self._layers[f"{stage.side}_{number}"](padded)])
        grow = self._layers.get(f"{stage.side}_grow")
        return padded[1:-1, 1:-1] if grow is None else _shuffled(grow(padded), 2)


def read_upscaler(path: Path) -> tuple[Spec, dict[str, Tensor]]:
    """Read architecture and tensors of a file of `gan.second_stages.upscaler.train`; raises `WeightsError`."""
    tensors = read_tensors(path, LARGEST_FILE)
    try:
        with safe_open(path, "pt") as file:
            return Spec.from_json((file.metadata() or {})["spec"]), tensors
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise WeightsError(f"{path} is not an upscaler of this version: {error}") from error


class _Layer:
    """A convolution with requantisation to 0 … 255: (H+2, W+2, C), zero-padded -> (H, W, O)."""

    def __init__(self, name: str, tensors: Mapping[str, Tensor], shape: tuple[int, ...], *, residual: bool) -> None:
        weight, bias, step = _whole(name, tensors, shape)
        largest = weight.abs().flatten(1).sum(dim=1) * LARGEST + bias.abs()
        if residual:  # the added term has steps of 1
            largest = largest + torch.ceil(LARGEST / step)
        _be_certain(name, largest)
        self._residual = residual
        self._kernel = shape[-1]
        scaled = (weight * step[:, None, None, None]).float()
        # (O, C, ky, kx) -> a matrix (kx·C, O) for each ky: three pixels of a row are contiguous
        self._rows = [m.reshape(-1, shape[0]).contiguous() for m in scaled.permute(2, 3, 1, 0)]
        self._bias = (bias * step).float()

    def __call__(self, x: Tensor) -> Tensor:
        height, width = x.shape[0] - 2, x.shape[1] - 2
        made = torch.empty(height, width, len(self._bias))
        for start in range(0, height, ROWS):
            rows = min(ROWS, height - start)
            self._some(x[start : start + rows + 2], made[start : start + rows].flatten(0, 1))
        return made

    def _some(self, x: Tensor, made: Tensor) -> None:
        """Rows of pixels (H+2, W+2, C) -> ``made`` (H·W, O)."""
        height, width, channels = x.shape[0] - 2, x.shape[1] - 2, x.shape[2]
        if self._kernel == 1:
            torch.addmm(self._bias, x[1:-1, 1:-1].reshape(height * width, channels), self._rows[0], out=made)
        else:
            threes = x.unfold(1, 3, 1).transpose(2, 3).reshape((height + 2) * width, 3 * channels)
            for ky, matrix in enumerate(self._rows):
                pixels = threes[ky * width : (ky + height) * width]
                if ky:
                    made.addmm_(pixels, matrix)
                else:
                    torch.addmm(self._bias, pixels, matrix, out=made)
        if self._residual:
            made.view(height, width, channels).add_(x[1:-1, 1:-1])
        made.round_().clamp_(0, LARGEST)


class _Map:
    """Conditions to a feature map: a sum of one map per condition."""

    def __init__(self, name: str, conditions: int, channels: int, side: int, tensors: Mapping[str, Tensor]) -> None:
        weight, bias, step = _whole(name, tensors, (channels, conditions, side, side))
        largest = weight.abs().sum(dim=1).amax(dim=(1, 2)) * LARGEST + bias.abs()
        _be_certain(name, largest)
        self._side = side
        # stored in 8 bits and converted on use: about 24 of some 300 maps are needed
        self._pictures = weight.to(torch.int8).permute(1, 2, 3, 0).contiguous()  # (N, side, side, C)
        self._bias, self._step = bias.float(), step.float()

    def __call__(self, conditions: Tensor) -> Tensor:
        """(N,) -> (side, side, C)."""
        used = conditions.nonzero().flatten()
        pictures = self._pictures[used].flatten(1).float()
        summed = (conditions[used].float()[None] @ pictures).view(self._side, self._side, -1)
        return ((summed + self._bias) * self._step).round_().clamp_(0, LARGEST)


class _Scores:
    """The last 1×1 convolution of an architecture with labels."""

    def __init__(self, name: str, tensors: Mapping[str, Tensor], stage: Stage) -> None:
        weight, bias, step = _whole(name, tensors, (4 * stage.grows, stage.width, 1, 1))
        _be_certain(name, weight.abs().flatten(1).sum(dim=1) * LARGEST + bias.abs())
        self._matrix = (weight.flatten(1) * step[:, None]).float()
        self._bias = (bias * step).float()[:, None]

    def __call__(self, x: Tensor) -> Scores:
        height, width, channels = x.shape
        planes = torch.addmm(self._bias, self._matrix, x.reshape(-1, channels).T)
        return Scores(planes.view(-1, height, width))


def _whole(name: str, tensors: Mapping[str, Tensor], shape: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """Integer weights ``shape`` and biases, and their step sizes, all float64; raises `WeightsError`."""
    shapes = {"weight": (torch.int8, shape), "bias": (torch.int32, shape[:1]), "step": (torch.int8, shape[:1])}
    for part, (kind, size) in shapes.items():
        tensor = tensors.get(f"{name}.{part}")
        if tensor is None or tensor.dtype != kind or tuple(tensor.shape) != size:
            raise WeightsError(f"these weights do not fit the upscaler: {name}.{part} is not {kind} {size}")
    step = torch.exp2(tensors[f"{name}.step"].double())
    return tensors[f"{name}.weight"].double(), tensors[f"{name}.bias"].double(), step


def _be_certain(name: str, largest: Tensor) -> None:
    if largest.max() >= CERTAIN:
        raise WeightsError(
            f"the upscaler's layer {name} could reach sums of {int(largest.max())} steps; from {CERTAIN} on they are"
            " not exact in float32, and pixels would differ from machine to machine. Train it with smaller weights."
        )


def _padded(parts: list[Tensor]) -> Tensor:
    """Concatenate channels with zero padding: (H, W, C) each -> (H+2, W+2, sum of C)."""
    height, width = parts[0].shape[:2]
    padded = torch.zeros(height + 2, width + 2, sum(part.shape[2] for part in parts))
    first = 0
    for part in parts:
        padded[1:-1, 1:-1, first : first + part.shape[2]] = part
        first += part.shape[2]
    return padded


def _shuffled(x: Tensor, times: int) -> Tensor:
    """Pixel shuffle: (H, W, C·times²) -> (H·times, W·times, C), in the order of `torch.nn.functional.pixel_shuffle`."""
    height, width, _ = x.shape
    cells = x.view(height, width, -1, times, times)
    return cells.permute(0, 3, 1, 4, 2).reshape(height * times, width * times, -1)


def _picture(x: Tensor) -> NDArray[np.uint8]:
    """Pixel shuffle of colours, (H, W, 12) -> (2H, 2W, 3), with contiguous channels."""
    height, width, _ = x.shape
    planes = x.to(torch.uint8).view(height, width, 3, 2, 2).permute(2, 0, 3, 1, 4)
    return np.moveaxis(planes.reshape(3, 2 * height, 2 * width).numpy(), 0, 2)


def unshuffled(pixels: Tensor) -> Tensor:
    """Pixel unshuffle: (H, W, C) -> (H/2, W/2, 4·C), in the order of `pixel_unshuffle`."""
    return F.pixel_unshuffle(pixels.permute(2, 0, 1), 2).permute(1, 2, 0)
