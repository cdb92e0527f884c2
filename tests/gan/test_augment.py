"""Differentiable augmentation: effects, and reproducibility on resume."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from gan.batch_rng import BatchRng
from gan.training.augment import AUGMENTATIONS, augment, brightness, contrast, cutout, saturation, translation

ALL = tuple(AUGMENTATIONS)


def rng(seed: int = 0) -> BatchRng:
    return BatchRng(seed)


def pictures(count: int = 8) -> Tensor:
    return rng(99).uniform(count, 3, 64, 64) * 2 - 1


def moved(picture: Tensor, down: int, right: int) -> Tensor:
    """Move by rolling, and grey out what came around."""
    out = np.roll(picture.numpy(), (down, right), axis=(1, 2)).copy()
    for axis, by in ((1, down), (2, right)):
        gone = [slice(None)] * 3
        gone[axis] = slice(0, by) if by > 0 else slice(64 + by, 64)
        if by:
            out[tuple(gone)] = 0
    return torch.from_numpy(out)


def test_translation_moves_each_picture_by_whole_pixels_of_its_own_and_leaves_grey_behind() -> None:
    x = pictures(24)
    found = []
    for before, after in zip(x, translation(x, rng()), strict=True):
        steps = [(d, r) for d in range(-8, 9) for r in range(-8, 9) if torch.equal(moved(before, d, r), after)]
        assert len(steps) == 1
        found += steps
    assert len(set(found)) > 16
    assert max(abs(step) for pair in found for step in pair) > 5  # of at most 8, an eighth of 64


def test_cutout_greys_one_square_of_a_quarter_of_the_side_in_each_picture() -> None:
    x = pictures(24) + 3  # nothing is 0 by itself
    out = cutout(x, rng())
    corners = set()
    for before, after in zip(x, out, strict=True):
        hole = (after == 0).all(dim=0)
        rows, columns = hole.any(dim=1).nonzero().flatten(), hole.any(dim=0).nonzero().flatten()
        assert hole.sum() == 16 * 16
        assert (len(rows), len(columns)) == (16, 16)
        assert torch.equal(after[:, ~hole], before[:, ~hole])
        corners.add((rows[0].item(), columns[0].item()))
    assert len(corners) > 16


def test_colours_follow_their_formulae() -> None:
    x = pictures()
    u = rng().uniform(8, 1, 1, 1)
    torch.testing.assert_close(brightness(x, rng()), x + u - 0.5)
    grey = x.mean(dim=1, keepdim=True)
    torch.testing.assert_close(saturation(x, rng()), (x - grey) * 2 * u + grey)
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    torch.testing.assert_close(contrast(x, rng()), (x - mean) * (u + 0.5) + mean)


@pytest.mark.parametrize("name", ALL)
def test_each_picture_of_a_batch_has_its_own_parameters(name: str) -> None:
    x = pictures(1).repeat(12, 1, 1, 1)
    out = augment(x, [name], 0.5, rng())
    changed = [not torch.equal(a, b) for a, b in zip(x, out, strict=True)]
    assert 2 <= sum(changed) <= 10
    different = [picture for picture, c in zip(out, changed, strict=True) if c]
    assert any(not torch.equal(different[0], other) for other in different[1:])


def test_a_restored_rng_repeats_the_augmentation() -> None:
    x, g = pictures(), rng()
    augment(x, ALL, 0.5, g)
    kept = g.stream.get_state()
    then = augment(x, ALL, 0.5, g)
    resumed = rng(7)
    resumed.stream.set_state(kept)
    torch.manual_seed(123)  # other random numbers play no part
    assert torch.equal(augment(x, ALL, 0.5, resumed), then)
    assert torch.equal(g.stream.get_state(), resumed.stream.get_state())


def test_a_probability_of_0_leaves_all_alone_and_of_1_none() -> None:
    x = pictures()
    assert torch.equal(augment(x, ALL, 0.0, rng()), x)
    out = augment(x, ALL, 1.0, rng())
    assert not any(torch.equal(a, b) for a, b in zip(x, out, strict=True))


def test_gradients_pass_back_to_what_is_still_seen_and_to_nothing_else() -> None:
    x = pictures().requires_grad_(True)
    out = augment(x, ["translation", "cutout"], 1.0, rng())
    out.sum().backward()
    assert x.grad is not None
    assert set(x.grad.unique().tolist()) == {0.0, 1.0}
    assert x.grad.sum() == (out != 0).sum()


@pytest.mark.parametrize("name", ALL)
def test_gradients_pass_through_every_augmentation(name: str) -> None:
    x = pictures().requires_grad_(True)
    augment(x, [name], 1.0, rng()).square().sum().backward()
    assert x.grad is not None
    assert all(picture.any() for picture in x.grad)


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError, match="mirror"):
        augment(pictures(), ["mirror"], 1.0, rng())
