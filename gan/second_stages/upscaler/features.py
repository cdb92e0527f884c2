"""Inputs of the learned upscaler: the generator's features and conditions, rounded to integers.

The generator runs in float64, so machines differ by less than 1e-12 of a step (see benchmarks/upscaling.py). A rounded
feature differs only where it lies that close to the boundary of two integers.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gan.networks.fast import SLOPE, FastGenerator

SIDES = (16, 32)  # pixels
FEATURE_UNIT = 24.0  # steps per unit; features have a standard deviation of about ½
LOWEST, HIGHEST = -255, 255
CONDITION_UNIT = 255.0  # steps for a fully selected condition


def rounded_features(features: Tensor) -> Tensor:
    """Round features of any shape to integers."""
    return (features * FEATURE_UNIT).round_().clamp_(LOWEST, HIGHEST)


def rounded_conditions(chosen: Tensor) -> Tensor:
    """Round the weights of attribute values, clamped to 0 … 1, to integers."""
    return (chosen * CONDITION_UNIT).round_().clamp_(0, CONDITION_UNIT)


def generator_features(generator: FastGenerator, resolved: Tensor) -> tuple[dict[int, Tensor], Tensor]:
    """Return features by side, and the picture (B, 3, 64, 64) in [-1, 1], of ``resolved`` latents (B, z_dim)."""
    x = generator.stem(generator.embed.mix(resolved)).unflatten(1, (-1, 4, 4))
    x = x.contiguous(memory_format=torch.channels_last)
    x = torch.nn.functional.leaky_relu(generator.stem_norm(x), SLOPE)
    features = {}
    for block in generator.blocks:
        x = block(x)
        if x.shape[-1] in SIDES:
            features[x.shape[-1]] = x
    x = torch.nn.functional.leaky_relu(generator.detail_norm(generator.to_detail(x)), SLOPE)
    return features, torch.tanh(generator.to_rgb(x))
