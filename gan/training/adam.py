"""Adam (Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015), over many tensors at once.

It computes what `torch.optim.Adam(foreach=True)` does, with the same state. PyTorch's class imports PyTorch's compiler
before its first step: 2.5 s of CPU time and 77 MB in each training process, on machines that may have 1 GB.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

EPSILON = 1e-8


class Adam:
    """The interface of `torch.optim.Optimizer` that training uses.

    param_groups: dicts with `params`, `lr` and `betas`, which may be changed between steps. state: for each parameter
    that has had a gradient, `step` (float32 scalar) and the averages `exp_avg` and `exp_avg_sq`, shaped like it.
    """

    def __init__(
        self,
        params: Iterable[Tensor] | Sequence[dict[str, Any]],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
    ) -> None:
        listed: list[Any] = list(params)
        groups = listed if listed and isinstance(listed[0], dict) else [{"params": listed}]
        defaults: dict[str, Any] = {"lr": lr, "betas": betas}
        self.param_groups = [defaults | group | {"params": list(group["params"])} for group in groups]
        self.state: dict[Tensor, dict[str, Tensor]] = {}

    def zero_grad(self, *, set_to_none: bool = True) -> None:
        """Drop the gradients, or fill them with zeros."""
        for parameter in self._parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad.zero_()

    @torch.no_grad()
    def step(self) -> None:
        """Update the parameters that have a gradient."""
        for group in self.param_groups:
            # parameters differ in their number of steps if some had no gradient at times
            together: dict[float, list[Tensor]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    own = self._state_of(parameter)
                    own["step"] += 1
                    together[own["step"].item()].append(parameter)
            for steps, parameters in together.items():
                self._update(parameters, steps, group["lr"], group["betas"])

    def _update(self, parameters: list[Tensor], steps: float, lr: float, betas: tuple[float, float]) -> None:
        beta1, beta2 = betas
        gradients = [p.grad for p in parameters if p.grad is not None]
        averages = [self.state[p]["exp_avg"] for p in parameters]
        squares = [self.state[p]["exp_avg_sq"] for p in parameters]
        torch._foreach_lerp_(averages, gradients, 1 - beta1)
        torch._foreach_mul_(squares, beta2)
        torch._foreach_addcmul_(squares, gradients, gradients, 1 - beta2)
        sizes = torch._foreach_sqrt(squares)  # noqa: SLF001
        torch._foreach_div_(sizes, math.sqrt(1 - beta2**steps))
        torch._foreach_add_(sizes, EPSILON)
        torch._foreach_addcdiv_(parameters, averages, sizes, -lr / (1 - beta1**steps))

    def state_dict(self) -> dict[str, Any]:
        """Return the state by the parameters' positions, and the groups without parameters."""
        parameters = self._parameters()
        state = {i: self.state[p] for i, p in enumerate(parameters) if p in self.state}
        groups = [{name: value for name, value in group.items() if name != "params"} for group in self.param_groups]
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, stored: dict[str, Any]) -> None:
        """Restore `state_dict`. Raises ValueError for another number of groups, IndexError for too many parameters."""
        groups = stored["param_groups"]
        if len(groups) != len(self.param_groups):
            raise ValueError(f"{len(groups)} groups of parameters instead of {len(self.param_groups)}")
        parameters = self._parameters()
        self.state = {parameters[i]: dict(values) for i, values in stored["state"].items()}
        for group, values in zip(self.param_groups, groups, strict=True):
            group.update(values)

    def _parameters(self) -> list[Tensor]:
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def _state_of(self, parameter: Tensor) -> dict[str, Tensor]:
        if parameter not in self.state:
            self.state[parameter] = {
                "step": torch.tensor(0.0),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }
        return self.state[parameter]
