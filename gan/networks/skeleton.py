"""Build networks without memory or values for their weights, to be filled from a file or only measured."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_INITIALISERS = {"fill_", "kaiming_uniform_", "normal_", "uniform_", "zero_"}  # of torch.nn.init and of tensors


class _SkipInit(TorchFunctionMode):
    """Leave tensors as they are instead of initialising them."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__name__", "") in _INITIALISERS:
            return args[0] if args else (kwargs or {})["tensor"]
        return func(*args, **(kwargs or {}))


@contextlib.contextmanager
def skeleton() -> Iterator[None]:
    """Build networks on the meta device inside the block, without initialising them.

    A random initialisation there would import torch._dynamo and sympy: three seconds of CPU time and 80 MB.
    """
    with torch.device("meta"), _SkipInit():
        yield
