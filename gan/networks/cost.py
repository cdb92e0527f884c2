"""The cost of inference, computed from a model card's architecture alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from gan.checkpoint.weights import build_generator
from gan.networks.skeleton import skeleton


@dataclass(frozen=True)
class DrawingCost:
    """Parameters, and multiplications for one icon."""

    parameters: int
    multiplications: int


def drawing_cost(architecture: Mapping[str, Any]) -> DrawingCost:
    """Return the cost of one icon. Raises `WeightsError` for an unknown architecture.

    Runs on meta tensors: nothing is computed or allocated.
    """
    with skeleton(), torch.no_grad():
        network = build_generator(architecture).eval()
        with FlopCounterMode(display=False) as counter:
            network(torch.empty(1, architecture["z_dim"]))
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return DrawingCost(parameters, counter.get_total_flops() // 2)  # FLOPs include additions
