"""Winograd convolution: fewer multiplications for small filters (Winograd; Lavin & Gray 2016, CVPR).

A one-dimensional filter that computes a few outputs from a tile of pixels can be written

    outputs = A · (G · taps ∘ B · pixels),

where A, B and G hold small numbers and there are fewer products ∘ than outputs × taps. Two dimensions nest the scheme
along rows and columns, and save twice. G · taps is computed once; A and B only add and subtract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Matrix = tuple[tuple[int, ...], ...]  # rows of -1, 0 and 1


@dataclass(frozen=True)
class Scheme:
    """A filter along one dimension. A tile begins one pixel before the first pixel that it filters."""

    pixels: Matrix  # B: products × pixels of a tile
    taps: tuple[tuple[float, ...], ...]  # G: products × taps
    outputs: Matrix  # A: outputs × products
    step: int  # pixels from one tile to the next


# 3 taps, padding 1: Winograd's F(2, 3). 4 products for 2 outputs instead of 6.
CONVOLUTION = Scheme(
    pixels=((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1)),
    taps=((1, 0, 0), (0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0, 0, 1)),
    outputs=((1, 1, 1, 0), (0, 1, -1, -1)),
    step=2,
)
# Nearest-neighbour upsampling by 2, then 3 taps, padding 1: 3 products for 2 outputs instead of 6. Two of the three
# taps meet the same pixel p. The result is p · (sum of taps), plus one tap times the difference of the third pixel.
UPSAMPLING = Scheme(
    pixels=((1, -1, 0), (0, 1, 0), (0, -1, 1)),
    taps=((1, 0, 0), (1, 1, 1), (0, 0, 1)),
    outputs=((1, 1, 0), (0, 1, 1)),
    step=1,
)
# Transposed convolution of 4 taps, stride 2, padding 1: even outputs use taps 3 and 1, odd ones 2 and 0. These are two
# filters of 2 taps, each by F(2, 2). 6 products for 4 outputs instead of 8.
TRANSPOSED = Scheme(
    pixels=((1, -1, 0, 0), (0, 1, 0, 0), (0, -1, 1, 0), (0, 1, -1, 0), (0, 0, 1, 0), (0, 0, -1, 1)),
    taps=((0, 0, 0, 1), (0, 1, 0, 1), (0, 1, 0, 0), (0, 0, 1, 0), (1, 0, 1, 0), (1, 0, 0, 0)),
    outputs=((1, 1, 0, 0, 0, 0), (0, 0, 0, 1, 1, 0), (0, 1, 1, 0, 0, 0), (0, 0, 0, 0, 1, 1)),
    step=2,
)


class WinogradConv2d(nn.Module):
    """A scheme along rows and columns: (B, H+2, W+2, C) -> (B, H'+2, W'+2, O), both zero-padded.

    H' is H · outputs / step of the scheme, and H a multiple of its step. ``weight`` is (O, C, taps, taps).
    """

    def __init__(self, scheme: Scheme, weight: Tensor) -> None:
        super().__init__()
        self.scheme = scheme
        g = torch.tensor(scheme.taps, dtype=weight.dtype)
        sums = torch.einsum("yt,xs,octs->yxoc", g, g, weight).flatten(0, 1)
        self.sums = nn.Buffer(sums.contiguous())  # (products², O, C): one row per output, for BLAS

    def forward(self, x: Tensor) -> Tensor:
        """Filter ``x`` (B, H+2, W+2, C)."""
        s = self.scheme
        B, H, W, C = x.shape
        h, w, n = (H - 2) // s.step, (W - 2) // s.step, len(s.pixels)  # tiles, and products of one dimension
        tiles = x.new_empty(n, n, B, h, w, C)
        lines = _shifted(x, 1, s, h)
        for by_row, row in zip(tiles, s.pixels, strict=True):
            columns = _shifted(_sum(row, lines), 2, s, w)
            for tile, column in zip(by_row, s.pixels, strict=True):
                _sum(column, columns, out=tile)
        products = torch.bmm(tiles.view(n * n, -1, C), self.sums.transpose(1, 2)).view(n, n, B, h, w, -1)
        made = len(s.outputs)
        filtered = x.new_zeros(B, made * h + 2, made * w + 2, products.shape[-1])
        for y, row in enumerate(s.outputs):
            rows = _sum(row, products)
            for x_, column in enumerate(s.outputs):
                _sum(column, rows, out=filtered[:, 1 + y : -1 : made, 1 + x_ : -1 : made])
        return filtered


def _shifted(x: Tensor, dimension: int, scheme: Scheme, tiles: int) -> list[Tensor]:
    """Return the first pixels of all tiles along a dimension, then the second ones, and so on."""
    places = range(len(scheme.pixels[0]))
    index: list[slice] = [slice(None)] * x.ndim
    shifted = []
    for place in places:
        index[dimension] = slice(place, place + scheme.step * (tiles - 1) + 1, scheme.step)
        shifted.append(x[tuple(index)])
    return shifted


def _sum(signs: tuple[int, ...], parts: Sequence[Tensor] | Tensor, out: Tensor | None = None) -> Tensor:
    """Sum the parts with sign 1 or -1; at least one sign is 1."""
    used = sorted((-sign, place) for place, sign in enumerate(signs) if sign)  # positive terms first
    first = parts[used[0][1]]
    if len(used) == 1:
        return first if out is None else out.copy_(first)
    total = torch.add(first, parts[used[1][1]], alpha=-used[1][0], out=out)
    for sign, place in used[2:]:
        total.add_(parts[place], alpha=-sign)
    return total
