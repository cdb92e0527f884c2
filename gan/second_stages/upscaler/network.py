"""The upscaler in training: float parameters, quantised in the forward pass.

Quantisation matches `gan.second_stages.upscaler.exact`, so training accounts for it. Gradients use the straight-through
estimator (Bengio et al. 2013; Jacob et al. 2018).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan.second_stages.upscaler.spec import LARGEST, Spec, Stage

UNIT = 32.0  # an activation of 1.0, in steps
LEVELS = 127  # the largest weight, in steps of its filter: 8 bits with a sign
SMALLEST_STEP, LARGEST_STEP = -20, 4  # exponents of 2


class _Rounded(torch.autograd.Function):
    """Round activations to integers 0 … 255; the gradient passes where nothing was clamped."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward((x > 0) & (x < LARGEST))
        whole: Tensor = x.round().clamp_(0, LARGEST)
        return whole

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (inside,) = ctx.saved_tensors
        passed: Tensor = gradients[0] * inside
        return passed


def rounded(x: Tensor) -> Tensor:
    """Activations as the next layer receives them, integers from 0 to 255."""
    result: Tensor = _Rounded.apply(x)  # type: ignore[no-untyped-call]  # torch's own
    return result


def steps(weight: Tensor) -> Tensor:
    """The step size of each filter, (O, 1, …): the smallest power of two for which its weights fit."""
    largest = weight.detach().abs().flatten(1).amax(dim=1).clamp_min(1e-12)
    exponent = torch.ceil(torch.log2(largest / LEVELS)).clamp(SMALLEST_STEP, LARGEST_STEP)
    return torch.exp2(exponent).view(-1, *[1] * (weight.ndim - 1))


def quantised(value: Tensor, step: Tensor) -> Tensor:
    """``value`` rounded to multiples of ``step``; the gradient passes."""
    return value + (torch.round(value / step) * step - value).detach()


def whole_numbers(layer: RoundedConv | ConditionMap) -> tuple[Tensor, Tensor, Tensor]:
    """Weights int8 and biases int32 of a layer, in steps, and the steps' exponents int8 (O,)."""
    step = steps(layer.weight)
    flat = step.flatten()
    weight = torch.round(layer.weight.detach() / step).to(torch.int8)
    bias = torch.round(layer.bias.detach() * UNIT / flat).to(torch.int32)
    return weight, bias, torch.log2(flat).round().to(torch.int8)


class RoundedConv(nn.Module):
    """A convolution with quantised weights: integers (B, C, H, W) -> (B, O, H, W), not yet rounded."""

    def __init__(self, c_in: int, c_out: int, kernel: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(c_out, c_in, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(c_out))  # in units instead of steps: learns as fast as the weights
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Filter ``x``."""
        step = steps(self.weight)
        bias, weight = quantised(self.bias * UNIT, step.flatten()), quantised(self.weight, step)
        if weight.shape[-1] == 1:  # as a product of matrices: on a CPU twice as fast as conv2d for many filters
            filters = weight.flatten(1).expand(len(x), -1, -1)
            return torch.baddbmm(bias[None, :, None], filters, x.flatten(2)).view(len(x), -1, *x.shape[2:])
        return F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2)


class ConditionMap(nn.Module):
    """Conditions (B, N) in 0 … 255 -> (B, C, side, side), not yet rounded: a learned map for every value."""

    def __init__(self, conditions: int, channels: int, side: int) -> None:
        super().__init__()
        # one row per channel, which shares a step size; about 24 conditions are 255 and all others 0
        self.weight = nn.Parameter(torch.randn(channels, conditions, side, side) * UNIT / (LARGEST * 24**0.5))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, conditions: Tensor) -> Tensor:
        """Sum the maps of the conditions."""
        step = steps(self.weight)
        weight = quantised(self.weight, step)
        summed = torch.matmul(conditions, weight.flatten(2)).transpose(0, 1)  # without a copy of the weights
        return (
            summed.reshape(len(conditions), -1, *weight.shape[2:])
            + quantised(self.bias * UNIT, step.flatten())[:, None, None]
        )


class Upscaler(nn.Module):
    """Integer inputs, and conditions where the architecture has them, to pictures (B, 3, 256, 256) in 0 … 255.

    With `Spec.labels`, to the scores of the colours (B, K, 256, 256), in steps of 1 / `UNIT`.
    """

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        spec.check()
        self.spec = spec
        self.layers = nn.ModuleDict()
        for stage in spec.stages:
            if channels := spec.map_channels_of(stage):
                self.layers[spec.map_of(stage)] = ConditionMap(spec.conditions, channels, stage.side)
            c_in = spec.inputs_of(stage)
            for number in range(stage.convolutions):
                self.layers[f"{stage.side}_{number}"] = RoundedConv(c_in, stage.width, 3)
                c_in = stage.width
            last = self.layers[f"{stage.side}_grow"] = RoundedConv(stage.width, 4 * stage.grows, stage.grow_kernel)
        if not spec.labels:
            last = self.layers["colours"] = RoundedConv(spec.stages[-1].grows, 3 * 4, 3)
            nn.init.constant_(last.bias, 128 / UNIT)  # start grey
        with torch.no_grad():
            last.weight.mul_(0.1)

    def forward(self, inputs: Mapping[int, Tensor], conditions: Tensor | None = None) -> Tensor:
        """``inputs`` has (B, C, side, side) for each stage with inputs."""
        return F.pixel_shuffle(self.fine(self.coarse(inputs, conditions)), 2)

    def coarse(self, inputs: Mapping[int, Tensor], conditions: Tensor | None = None) -> Tensor:
        """The stages with inputs: (B, C, 64, 64), or (B, C, 128, 128) if that of 64 has inputs."""
        x: Tensor | None = None
        for stage in self._stages(coarse=True):
            parts = [] if x is None else [x]
            if self.spec.map_channels_of(stage):
                parts.append(rounded(self.layers[self.spec.map_of(stage)](conditions)))
            if stage.inputs:
                parts.append(inputs[stage.side])
            x = self._stage(stage, torch.cat(parts, dim=1))
        assert x is not None  # noqa: S101  # there is at least one stage
        return x

    def fine(self, x: Tensor) -> Tensor:
        """The other stages, from all that `coarse` returns or a window of it, to the last pixel shuffle, exclusive."""
        for stage in self._stages(coarse=False):
            x = self._stage(stage, x)
        if self.spec.labels:
            return x
        with torch.autocast(x.device.type, enabled=False):  # bfloat16 is too coarse for colours
            drawn: Tensor = self.layers["colours"](x.float())
        return drawn

    def _stages(self, *, coarse: bool) -> list[Stage]:
        last = max(number for number, stage in enumerate(self.spec.stages) if stage.inputs)
        return list(self.spec.stages[: last + 1] if coarse else self.spec.stages[last + 1 :])

    def _stage(self, stage: Stage, x: Tensor) -> Tensor:
        for number in range(stage.convolutions):
            made = self.layers[f"{stage.side}_{number}"](x)
            x = rounded(made + x if number else made)
        grown: Tensor = self.layers[f"{stage.side}_grow"](x)
        if self.spec.labels and stage is self.spec.stages[-1]:
            return grown
        return F.pixel_shuffle(rounded(grown), 2)

    @torch.no_grad()
    def load_whole(self, tensors: Mapping[str, Tensor]) -> None:
        """Load what `whole` returned. Raises KeyError or RuntimeError for another architecture."""
        for name, layer in self.layers.items():
            step = torch.exp2(tensors[f"{name}.step"].float())
            weight, bias = tensors[f"{name}.weight"].float(), tensors[f"{name}.bias"].float()
            layer.load_state_dict(
                {"weight": weight * step.view(-1, *[1] * (weight.ndim - 1)), "bias": bias * step / UNIT}
            )

    def whole(self) -> dict[str, Tensor]:
        """Return the tensors of `exact.py`: integers named ``LAYER.weight``, ``.bias`` and ``.step``."""
        tensors = {}
        for name, layer in self.layers.items():
            assert isinstance(layer, (RoundedConv, ConditionMap))  # noqa: S101  # narrows nn.ModuleDict's values
            for part, tensor in zip(("weight", "bias", "step"), whole_numbers(layer), strict=True):
                tensors[f"{name}.{part}"] = tensor.cpu().contiguous()
        return tensors
