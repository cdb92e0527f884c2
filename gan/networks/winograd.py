"""Convolutions by fewer multiplications: sums of pixels meet sums of taps (Winograd; Lavin & Gray 2016, CVPR).

A filter of one dimension that makes a few outputs from a tile of a few pixels can be written

    outputs = A · (G · taps ∘ B · pixels),

with matrices A, B and G of small numbers and fewer products ∘ than outputs × taps. Of two dimensions it is the same
along rows, then along columns, and so saves twice. G · taps is taken once; A and B only add and subtract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Matrix = tuple[tuple[int, ...], ...]  # rows of -1, 0 and 1


@dataclass(frozen=True)
class Scheme:
    """A filter along one dimension. The first pixel of a tile is the one before the first that it is about."""

    pixels: Matrix  # B: products × pixels of a tile
    taps: tuple[tuple[float, ...], ...]  # G: products × taps
    outputs: Matrix  # A: outputs × products
    step: int  # pixels from one tile to the next


# 3 taps, padding 1: F(2, 3) of Winograd. 4 products for 2 outputs instead of 6.
CONVOLUTION = Scheme(
    pixels=((1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1)),
    taps=((1, 0, 0), (0.5, 0.5, 0.5), (0.5, -0.5, 0.5), (0, 0, 1)),
    outputs=((1, 1, 1, 0), (0, 1, -1, -1)),
    step=2,
)
# Nearest upsampling to twice the side, then 3 taps, padding 1: 3 products for 2 outputs instead of 6. Two of the three
# pixels that a tap meets are the same one p; with all three the same it would be p · (sum of taps), and what the third
# differs from p meets a single tap.
UPSAMPLING = Scheme(
    pixels=((1, -1, 0), (0, 1, 0), (0, -1, 1)),
    taps=((1, 0, 0), (1, 1, 1), (0, 0, 1)),
    outputs=((1, 1, 0), (0, 1, 1)),
    step=1,
)
# A transposed convolution of 4 taps, stride 2, padding 1: even outputs see taps 3 and 1, odd ones 2 and 0, so it is two
# filters of 2 taps, each by F(2, 2). 6 products for 4 outputs instead of 8.
TRANSPOSED = Scheme(
    pixels=((1, -1, 0, 0), (0, 1, 0, 0), (0, -1, 1, 0), (0, 1, -1, 0), (0, 0, 1, 0), (0, 0, -1, 1)),
    taps=((0, 0, 0, 1), (0, 1, 0, 1), (0, 1, 0, 0), (0, 0, 1, 0), (1, 0, 1, 0), (1, 0, 0, 0)),
    outputs=((1, 1, 0, 0, 0, 0), (0, 0, 0, 1, 1, 0), (0, 1, 1, 0, 0, 0), (0, 0, 0, 0, 1, 1)),
    step=2,
)


class WinogradConv2d(nn.Module):
    """A scheme along rows and columns: (B, H+2, W+2, C) -> (B, H'+2, W'+2, O), both edged with 0.

    H' is H · outputs / step of the scheme, and H a multiple of its step. ``weight`` is (O, C, taps, taps).
    """

    def __init__(self, scheme: Scheme, weight: Tensor) -> None:
        super().__init__()
        self.scheme = scheme
        g = torch.tensor(scheme.taps, dtype=weight.dtype)
        sums = torch.einsum("yt,xs,octs->yxoc", g, g, weight).flatten(0, 1)
        self.sums = nn.Buffer(sums.contiguous())  # (products², O, C): a row for each output, as BLAS likes it

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
    """Return the first pixels of all tiles along a dimension, then their second ones, and so on."""
    places = range(len(scheme.pixels[0]))
    index: list[slice] = [slice(None)] * x.ndim
    shifted = []
    for place in places:
        index[dimension] = slice(place, place + scheme.step * (tiles - 1) + 1, scheme.step)
        shifted.append(x[tuple(index)])
    return shifted


def _sum(signs: tuple[int, ...], parts: Sequence[Tensor] | Tensor, out: Tensor | None = None) -> Tensor:
    """Add up the parts whose sign is 1 or -1; at least one is 1."""
    used = sorted((-sign, place) for place, sign in enumerate(signs) if sign)  # what is added comes first
    first = parts[used[0][1]]
    if len(used) == 1:
        return first if out is None else out.copy_(first)
    total = torch.add(first, parts[used[1][1]], alpha=-used[1][0], out=out)
    for sign, place in used[2:]:
        total.add_(parts[place], alpha=-sign)
    return total
