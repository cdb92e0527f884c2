"""Random convolutions: a feature space with fixed random weights, identical on every machine.

Random networks rank generators much like trained ones (arXiv 2208.09218). A single draw of weights may miss something,
so figures are averaged over several. The weights come from NumPy's `RandomState`, whose stream is frozen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEEDS = (0, 1, 2, 3, 4)
LAYERS = ((3, 32, 5), (32, 64, 3), (64, 64, 3))  # channels in, channels out, kernel; each halves the side
GRID = 2  # the last layer is averaged over a 2×2 grid, which keeps coarse positions
BIAS = 0.5
BATCH = 256


def random_weights(seed: int) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Return (weight (out, in, k, k), bias (out,)) of each layer, He-scaled."""
    random = np.random.RandomState(seed)
    layers = []
    for channels, out, k in LAYERS:
        weight = random.standard_normal((out, channels, k, k)) * np.sqrt(2.0 / (channels * k * k))
        layers.append((weight.astype(np.float32), (BIAS * random.standard_normal(out)).astype(np.float32)))
    return layers


@torch.inference_mode()
def random_features(images: NDArray[np.uint8], seed: int) -> NDArray[np.float64]:
    """Features of icons uint8 (N, 64, 64, 3) under the weights of `seed`: (N, 256), not negative."""
    layers = [(torch.from_numpy(weight), torch.from_numpy(bias)) for weight, bias in random_weights(seed)]
    parts = []
    for start in range(0, len(images), BATCH):
        x = torch.from_numpy(images[start : start + BATCH]).permute(0, 3, 1, 2).float() / 127.5 - 1.0
        for weight, bias in layers:
            x = F.relu(F.conv2d(x, weight, bias, stride=2, padding=weight.shape[-1] // 2))
        parts.append(F.adaptive_avg_pool2d(x, GRID).flatten(1))
    return torch.cat(parts).double().numpy()
