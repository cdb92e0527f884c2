"""Convert the state of modules and optimisers to named tensors and back, for checkpoints."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from gan.training.adam import Adam

_KEPT = {"step", "exp_avg", "exp_avg_sq"}  # Adam's state for each parameter


def pack(modules: Mapping[str, nn.Module], optimisers: Mapping[str, Adam]) -> dict[str, Tensor]:
    """Copies of all tensors on the CPU, their names prefixed by that of the module or optimiser."""
    tensors: dict[str, Tensor] = {}
    for name, module in modules.items():
        tensors |= {f"{name}.{k}": v for k, v in module.state_dict().items()}
    for name, optimiser in optimisers.items():
        for i, values in optimiser.state_dict()["state"].items():
            tensors |= {f"{name}.{i}.{k}": v for k, v in values.items()}
    return {k: v.detach().to("cpu", copy=True).contiguous() for k, v in tensors.items()}


def unpack(tensors: Mapping[str, Tensor], modules: Mapping[str, nn.Module], optimisers: Mapping[str, Adam]) -> None:
    """Restore what `pack` returned. Raises RuntimeError, ValueError or KeyError when it does not fit."""
    for name, module in modules.items():
        module.load_state_dict(_below(tensors, name))
    for name, optimiser in optimisers.items():
        parameters = [p for group in optimiser.param_groups for p in group["params"]]
        state: dict[int, dict[str, Tensor]] = {}
        for key, tensor in _below(tensors, name).items():
            index, _, what = key.partition(".")
            state.setdefault(int(index), {})[what] = _laid_out_like(parameters[int(index)], tensor)
        if partial := [i for i, values in state.items() if values.keys() != _KEPT]:
            raise ValueError(f"{name}.{partial[0]} is not what Adam keeps")
        optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})


def _laid_out_like(parameter: Tensor, tensor: Tensor) -> Tensor:
    """Adam's state in the memory layout of the weights: identical results and speed after a resume."""
    return torch.empty_like(parameter).copy_(tensor) if tensor.shape == parameter.shape else tensor


def _below(tensors: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    return {k[len(name) + 1 :]: v for k, v in tensors.items() if k.startswith(name + ".")}
