"""The cost of drawing an icon, known from the architecture alone."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from gan.checkpoint.weights import build_generator, load_card
from gan.networks.cost import multiplications, parameters
from gan.shipped import DEFAULT_WEIGHTS

ARTICLE = {"name": "article", "z_dim": 20}
SMALL = {"name": "fast", "z_dim": 8, "widths": [4, 4, 4, 4], "detail": 4}


@pytest.mark.parametrize(
    "architecture",
    [ARTICLE, load_card(DEFAULT_WEIGHTS).architecture, SMALL],
    ids=["article", "shipped", "small"],
)
def test_it_is_what_pytorch_counts_while_drawing(architecture: dict[str, Any]) -> None:
    network = build_generator(architecture).eval()
    assert parameters(architecture) == sum(parameter.numel() for parameter in network.parameters())
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, architecture["z_dim"]))
    assert multiplications(architecture) == counter.get_total_flops() // 2  # FLOPs include additions


def test_parameters_are_counted_without_memory_for_them() -> None:
    assert parameters(ARTICLE) == 2_948_149
    assert parameters(ARTICLE | {"width": 4_096}) > 5 * 10**9
