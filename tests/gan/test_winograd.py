"""Winograd convolutions agree with PyTorch's convolutions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from gan.networks.winograd import CONVOLUTION, TRANSPOSED, UPSAMPLING, Scheme, WinogradConv2d

PLAIN: dict[str, tuple[Scheme, int, Callable[[Tensor, Tensor], Tensor]]] = {
    "convolution": (CONVOLUTION, 3, lambda x, w: F.conv2d(x, w, padding=1)),
    "upsampling": (UPSAMPLING, 3, lambda x, w: F.conv2d(F.interpolate(x, scale_factor=2.0), w, padding=1)),
    "transposed": (TRANSPOSED, 4, lambda x, w: F.conv_transpose2d(x, w.transpose(0, 1), stride=2, padding=1)),
}


@pytest.mark.parametrize("height", [2, 8])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("name", PLAIN)
def test_the_sums_are_those_of_the_plain_convolution_and_the_edge_is_0(name: str, batch: int, height: int) -> None:
    scheme, taps, plain = PLAIN[name]
    rng = torch.Generator().manual_seed(1)
    x = torch.randn(batch, 5, height, 6, generator=rng, dtype=torch.float64)
    weight = torch.randn(4, 5, taps, taps, generator=rng, dtype=torch.float64)
    edged = F.pad(x, (1, 1, 1, 1)).permute(0, 2, 3, 1).contiguous()
    filtered = WinogradConv2d(scheme, weight)(edged)
    expected = F.pad(plain(x, weight), (1, 1, 1, 1)).permute(0, 2, 3, 1)
    torch.testing.assert_close(filtered, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize(("name", "share"), [("convolution", 4 / 9), ("upsampling", 9 / 36), ("transposed", 9 / 16)])
def test_there_are_fewer_products(name: str, share: float) -> None:
    """Of those that a plain convolution takes for each output of the layer: 9, 9, and the 4 of its taps that meet."""
    scheme, taps, _ = PLAIN[name]
    plain = 4 if taps == 4 else 9
    assert len(scheme.pixels) ** 2 / len(scheme.outputs) ** 2 / plain == pytest.approx(share)


@pytest.mark.parametrize("name", PLAIN)
def test_a_scheme_is_whole(name: str) -> None:
    scheme, taps, _ = PLAIN[name]
    assert len(scheme.pixels) == len(scheme.taps)
    assert {len(row) for row in scheme.taps} == {taps}
    assert {len(row) for row in scheme.outputs} == {len(scheme.pixels)}
    assert all(1 in row and set(row) <= {-1, 0, 1} for row in scheme.pixels + scheme.outputs)
