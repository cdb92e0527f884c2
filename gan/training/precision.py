"""Which number format trains fastest on this processor: measured, not guessed from its name."""

from __future__ import annotations

import time

import torch
from torch import nn

WORTH_IT = 1.2  # bfloat16 has 8 bits of mantissa: it must be clearly faster to be chosen
ROUNDS = 12


def fastest_precision() -> str:
    """Time a typical convolution, forward and backward, in both formats and return "bfloat16" or "float32".

    A processor with AMX or AVX512-BF16 gains 2–10×; one without emulates bfloat16 and loses.
    """
    convolution = nn.Conv2d(128, 128, 3, padding=1)
    convolution.weight.data = convolution.weight.data.contiguous(memory_format=torch.channels_last)
    x = torch.randn(8, 128, 16, 16).contiguous(memory_format=torch.channels_last)
    # the best of many, taken in turns: what else the machine does slows both alike
    rounds = [(_step(convolution, x, "float32"), _step(convolution, x, "bfloat16")) for _ in range(ROUNDS)]
    single, half = (min(seconds) for seconds in zip(*rounds, strict=True))
    return "bfloat16" if single > WORTH_IT * half else "float32"


def autocast(precision: str) -> torch.autocast:
    """Convolutions and products in this format, for as long as the context lasts."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bfloat16")


def _step(convolution: nn.Conv2d, x: torch.Tensor, precision: str) -> float:
    start = time.perf_counter()
    with autocast(precision):
        loss = convolution(x).sum()
    loss.backward()
    return time.perf_counter() - start
