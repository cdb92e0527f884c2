"""Upscalers from before label maps keep their pixels, and their files their hash."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor

from gan.second_stages.upscaler.exact import ExactUpscaler
from gan.second_stages.upscaler.spec import Spec

SPEC = (
    '{"stages": [{"side": 16, "inputs": 4, "width": 8, "convolutions": 2, "grows": 4, "grow_kernel": 1}, '
    '{"side": 32, "inputs": 3, "width": 8, "convolutions": 1, "grows": 4, "grow_kernel": 1}, '
    '{"side": 64, "inputs": 0, "width": 6, "convolutions": 2, "grows": 4, "grow_kernel": 3}], '
    '"conditions": 12, "map_channels": 3, "colours": 5}'
)
SHAPES = {
    "map": (3, 12, 16, 16),
    "16_0": (8, 7, 3, 3),
    "16_1": (8, 8, 3, 3),
    "16_grow": (16, 8, 1, 1),
    "32_0": (8, 7, 3, 3),
    "32_grow": (16, 8, 1, 1),
    "64_0": (6, 4, 3, 3),
    "64_1": (6, 6, 3, 3),
    "64_grow": (16, 6, 3, 3),
    "colours": (12, 4, 3, 3),
}
DRAWN = "f1c87697e14a6fbf43d7bd04515e28f7b3938303af143e393ca038123183984c"  # by the version that had only these


def numbers(shape: tuple[int, ...], low: int, high: int, seed: int) -> Tensor:
    """Integers that no version of a library changes."""
    count = torch.Size(shape).numel()
    mixed = (torch.arange(count, dtype=torch.int64) * 2654435761 + seed * 40503) % 65536
    return (low + mixed % (high - low + 1)).view(shape)


def test_an_upscaler_that_predicts_rgb_keeps_its_pixels() -> None:
    spec = Spec.from_json(SPEC)
    assert spec.to_json() == SPEC
    tensors = {
        "palette.chosen": numbers((12, 5, 3), 0, 255, 90).to(torch.uint8),
        "palette.still": numbers((5, 3), 0, 60, 91).to(torch.uint8),
    }
    for seed, (name, shape) in enumerate(SHAPES.items()):
        tensors[f"{name}.weight"] = numbers(shape, -100, 101, seed).to(torch.int8)
        tensors[f"{name}.bias"] = numbers(shape[:1], -5000, 9000, seed + 50).to(torch.int32)
        tensors[f"{name}.step"] = torch.full(shape[:1], -7 if name == "map" else -8, dtype=torch.int8)
    inputs = {16: numbers((16, 16, 4), -60, 200, 7).float(), 32: numbers((32, 32, 3), -60, 200, 8).float()}
    conditions = torch.zeros(12)
    conditions[[1, 7]], conditions[3] = 255, 77
    drawn = ExactUpscaler(spec, tensors)(inputs, conditions)
    assert hashlib.sha256(drawn.tobytes()).hexdigest() == DRAWN
