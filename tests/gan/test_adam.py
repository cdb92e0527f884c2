"""Adam, against PyTorch's."""

from __future__ import annotations

import pytest
import torch

from gan.training.adam import Adam


def parameters() -> list[torch.Tensor]:
    torch.manual_seed(0)
    return [torch.randn(shape, requires_grad=True) for shape in ((3, 4), (5,), (2, 3, 3, 3))]


def test_it_computes_what_pytorchs_does() -> None:
    ours, theirs = parameters(), parameters()
    one, other = Adam(ours, 0.01, (0.5, 0.9)), torch.optim.Adam(theirs, 0.01, (0.5, 0.9), foreach=True)
    for step in range(20):
        for optimiser in (one, other):
            optimiser.zero_grad(set_to_none=True)
            optimiser.param_groups[0]["lr"] = 0.01 / (1 + step)
        chosen = slice(None, 2) if step % 3 else slice(None)  # the last one has a gradient only at times
        for tensors in (ours, theirs):
            sum(((p - 1) ** 4).sum() for p in tensors[chosen]).backward()
        one.step()
        other.step()
    for mine, expected in zip(ours, theirs, strict=True):
        assert torch.equal(mine, expected)
    assert one.state_dict()["state"].keys() == other.state_dict()["state"].keys()
    for mine, expected in zip(one.state_dict()["state"].values(), other.state_dict()["state"].values(), strict=True):
        assert mine.keys() == expected.keys()
        assert all(torch.equal(mine[name], expected[name]) for name in mine)


def test_its_state_can_be_restored_and_groups_have_rates_of_their_own() -> None:
    first, second = parameters(), parameters()
    optimisers = [
        Adam([{"params": p[:1], "lr": 0.1}, {"params": p[1:], "lr": 0.0}], betas=(0.0, 0.9)) for p in (first, second)
    ]
    for p in first:
        p.grad = torch.ones_like(p)
    optimisers[0].step()
    assert not torch.equal(first[0], parameters()[0])
    assert torch.equal(first[1], parameters()[1]), "a rate of 0 changes nothing"
    optimisers[1].load_state_dict(optimisers[0].state_dict())
    assert optimisers[1].state_dict()["param_groups"][1]["lr"] == 0.0
    assert torch.equal(optimisers[1].state[second[2]]["exp_avg"], torch.ones_like(second[2]))
    with pytest.raises(ValueError, match="2 groups of parameters instead of 1"):
        Adam(first).load_state_dict(optimisers[0].state_dict())
    optimisers[0].zero_grad(set_to_none=False)
    assert not first[0].grad.any()
