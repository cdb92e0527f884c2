"""The cost of inference, computed from a model card's architecture alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from gan.checkpoint.weights import build_generator
from gan.networks.skeleton import skeleton


def parameters(architecture: Mapping[str, Any]) -> int:
    """Return the number of parameters. Raises `WeightsError` for an unknown architecture. Allocates nothing."""
    return sum(parameter.numel() for parameter in _network(architecture).parameters())


def multiplications(architecture: Mapping[str, Any]) -> int:
    """Return the number of multiplications for one icon, in convolutions and matrix products.

    Allocates the parameters, without values, and draws a batch of no icons. (On the meta device the same would import
    torch._dynamo and sympy, which takes two seconds.)
    """
    network = _network(architecture).to_empty(device="cpu")
    counter = _Multiplications()
    with torch.no_grad(), counter:
        network(torch.empty(0, architecture["z_dim"]))
    return counter.total


def _network(architecture: Mapping[str, Any]) -> nn.Module:
    with skeleton():
        network: nn.Module = build_generator(architecture)
    return network.eval()


class _Multiplications(TorchFunctionMode):
    """Count the multiplications for each item of a batch, which may be empty."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if count := _COUNTS.get(func):
            self.total += count(args[0], args[1], result)
        return result


def _item(batch: Tensor) -> int:
    return math.prod(batch.shape[1:])


# for each item, of (input, weight or second factor) -> result
_COUNTS: dict[Callable[..., Any], Callable[[Tensor, Tensor, Tensor], int]] = {
    torch.conv2d: lambda _, weight, result: _item(result) * _item(weight),
    torch.conv_transpose2d: lambda given, weight, _: _item(given) * _item(weight),
    functional.linear: lambda _, weight, result: _item(result) * weight.shape[-1],
    torch.bmm: lambda given, _, result: _item(result) * given.shape[-1],
}
