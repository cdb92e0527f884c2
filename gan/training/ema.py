"""Exponential moving average of the generator's weights, and batch normalisation recalibration for inference."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)


@torch.no_grad()
def update_average(average: nn.Module, current: nn.Module, weight: float) -> None:
    """Move ``average`` by ``weight`` (0 … 1) towards ``current``, including buffers such as batch statistics."""
    there, here = average.state_dict(), current.state_dict()
    floats = [k for k, v in here.items() if v.is_floating_point()]
    torch._foreach_lerp_([there[k] for k in floats], [here[k] for k in floats], weight)
    for k in here.keys() - set(floats):
        there[k].copy_(here[k])


@torch.no_grad()
def recalibrate_batchnorm(
    network: Network, latents: Tensor, draw: Callable[[Network, Tensor], Tensor] = nn.Module.__call__
) -> Network:
    """A copy of ``network`` in eval mode with BatchNorm statistics recomputed over ``latents`` (N, z_dim).

    Averaged weights produce other activations than those behind the running statistics ("standing statistics",
    BigGAN, section 3.2). ``draw`` runs the network on a chunk of latents.
    """
    network = copy.deepcopy(network).eval()
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over all batches
        norm.train()
    for chunk in torch.split(latents, 32):
        draw(network, chunk)
    for norm in norms:
        norm.momentum = 0.1
    return network.eval()
