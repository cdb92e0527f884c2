"""Choose the faster of float32 and bfloat16 on this processor by measurement."""

from __future__ import annotations

import time

import torch
from torch import nn

from gan.training.device import autocast

WORTH_IT = 1.2  # bfloat16 has 8 bits of mantissa: it must be clearly faster to be worth it
ROUNDS = 12


def fastest_precision() -> str:
    """Time a typical convolution, forward and backward, in both formats; returns "bfloat16" or "float32".

    bfloat16 is 2–10× faster with AMX or AVX512-BF16, and slower where it is emulated, as on processors without AVX-512:
    there is nothing to measure on these.
    """
    if torch.backends.cpu.get_cpu_capability() in {"DEFAULT", "AVX2"}:
        return "float32"
    convolution = nn.Conv2d(128, 128, 3, padding=1)
    convolution.weight.data = convolution.weight.data.contiguous(memory_format=torch.channels_last)
    x = torch.randn(8, 128, 16, 16).contiguous(memory_format=torch.channels_last)
    # interleaved, and the minimum of many, so that other load affects both alike
    rounds = [(_step(convolution, x, "float32"), _step(convolution, x, "bfloat16")) for _ in range(ROUNDS)]
    single, half = (min(seconds) for seconds in zip(*rounds, strict=True))
    return "bfloat16" if single > WORTH_IT * half else "float32"


def _step(convolution: nn.Conv2d, x: torch.Tensor, precision: str) -> float:
    start = time.perf_counter()
    with autocast(precision):
        loss = convolution(x).sum()
    loss.backward()
    return time.perf_counter() - start
