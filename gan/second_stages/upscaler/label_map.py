"""Paint a label map: for each pixel, the number of one of the drawing's colours.

The house artist fills every area with one colour. A network that chooses among the colours cannot mix those of two
neighbouring areas, as one that predicts RGB does. At borders, the scores of the colours are interpolated to four times
their resolution before the highest is taken. The mean of four such subpixels is antialiased. Scores are rounded to
integers before they are compared, so every machine paints the same picture.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan.rendering.upscaling import Pixels
from gan.second_stages.upscaler.spec import MOST_LABELS

PAINTED = 512  # pixels a side of the picture, twice that of the scores
LARGEST_SCORE = 2**14  # of either sign: with a label in the low bits, exact in float32
LARGEST_LEAD = 2**9  # of one label over another: a certain pixel must not outweigh all its neighbours
AT_ONCE = 2048  # pixels whose scores fit the cache
SUBPIXELS = 4  # a side of a scored pixel
CERTAIN_LEAD = 96  # steps of a score: in a transition, one label of an icon leads another by no more
SOFTEST = 44  # steps, the tolerance of a transition (see `painted`): from 48 on, colours of neither icon are mixed in
_PARTS = 1024  # of an interpolation

Labels = NDArray[np.uint8]
Positions = NDArray[np.intp]


class Scores:
    """The scores of K colours for each pixel, in steps: 32 more make a colour e times as likely.

    ``planes`` (4K, H, W) are exact float32, before a pixel shuffle to (K, 2H, 2W).
    """

    def __init__(self, planes: Tensor) -> None:
        self.count, self.side = len(planes) // 4, 2 * planes.shape[-1]
        self._flat: NDArray[np.float32] = planes.reshape(self.count, -1).numpy()
        self._place = _places(self.side)

    def leads(self) -> Tensor:
        """The planes relative to the highest score of each pixel: integers from -`CERTAIN_LEAD` to 0, for `between`."""
        flat = torch.from_numpy(self._flat).round()
        leads = (flat - flat.amax(dim=0)).clamp_(min=-CERTAIN_LEAD)
        return leads.view(4 * self.count, self.side // 2, -1)

    def labels(self) -> tuple[Labels, NDArray[np.int32]]:
        """The colour with the highest score of each pixel, of equal ones the first, and that score."""
        # the label in the low bits of a score makes one maximum of both, without torch.max's slow indices
        rank = torch.arange(MOST_LABELS - 1, MOST_LABELS - 1 - self.count, -1).float()[:, None]
        flat = torch.from_numpy(self._flat)
        best = torch.empty(flat.shape[1])
        for start in range(0, len(best), AT_ONCE):
            some = flat[:, start : start + AT_ONCE].round().clamp_(-LARGEST_SCORE, LARGEST_SCORE)
            torch.amax(some.mul_(MOST_LABELS).add_(rank), dim=0, out=best[start : start + AT_ONCE])
        ranked = best.to(torch.int32).numpy()[self._place]
        return (MOST_LABELS - 1 - ranked % MOST_LABELS).astype(np.uint8), ranked // MOST_LABELS

    def places(self, positions: Positions) -> Positions:
        """Where the scores of pixels, in reading order, are in each plane."""
        return self._place.ravel().take(positions)

    def at(self, labels: Labels, places: Positions) -> NDArray[np.float32]:
        """The scores of ``labels`` at ``places``, which broadcast together."""
        return self._flat.ravel().take(labels * np.intp(self._flat.shape[1]) + places)

    def softened(self, palette: NDArray[np.int32], highest: NDArray[np.int32], tolerance: int) -> NDArray[np.int32]:
        """For each pixel, the mean of the colours within ``tolerance`` of the highest score, (H, W, 3)."""
        floor = np.empty(self._flat.shape[1], np.float32)
        floor[self._place.ravel()] = highest.ravel() - tolerance
        share = torch.from_numpy(self._flat).sub(torch.from_numpy(floor)).clamp_(min=0).round_()
        # at most 64 labels · 2⁹ · 255 steps: exact in float32
        sums = torch.from_numpy(palette.T.astype(np.float32)) @ share
        total = share.sum(dim=0).to(torch.int32)
        mixed = (sums.to(torch.int32) + total // 2) // total
        return mixed.numpy()[:, self._place].transpose(1, 2, 0)


def leading(one: Tensor, other: Tensor, count: int) -> Tensor:
    """Return which of ``count`` labels are the highest anywhere in one of two `Scores.leads`, bool (count,)."""
    return (one.view(count, -1) == 0).any(dim=1) | (other.view(count, -1) == 0).any(dim=1)


def between(one: Tensor, other: Tensor, share: float) -> Scores:
    """Interpolate the `Scores.leads` of two icons, to be painted with the tolerance `SOFTEST`.

    ``share`` is 0 for ``one`` and 1 for ``other``. Where one icon is certain of one colour and the other of another,
    the painted colour has this share of the latter.
    """
    nearer = min(share, 1 - share)
    lead = SOFTEST * (1 - nearer / (1 - nearer))  # of the nearer icon's colour over the other's
    weight = round((1 - lead / CERTAIN_LEAD) / 2 * _PARTS)  # of the icon that is further away
    weight = weight if share <= 1 / 2 else _PARTS - weight
    # products and sums of small integers, and a division by a power of two, are the same on every machine
    return Scores((one * (_PARTS - weight) + other * weight).div_(_PARTS).round_())


@lru_cache(maxsize=4)
def _places(side: int) -> Positions:
    """Where the score of each pixel (side, side) is in a plane before the pixel shuffle."""
    rows, columns = np.arange(side)[:, None], np.arange(side)[None, :]
    cells = (rows // 2) * (side // 2) + columns // 2
    places: Positions = (rows % 2 * 2 + columns % 2) * (side // 2) ** 2 + cells
    places.flags.writeable = False  # shared by all drawing threads
    return places


def painted(scores: Scores, palette: NDArray[np.int32], tolerance: int = 0) -> Pixels:
    """Paint ``scores`` of 256×256 pixels with the colours ``palette`` (K, 3) of 0 … 255: uint8 (512, 512, 3).

    Each subpixel takes the colour with the highest score, of those of the 3×3 pixels around it. With a ``tolerance``,
    in steps of a score, colours within that distance of the highest are mixed in, so that a transition fades from one
    area to another instead of switching.
    """
    labels, highest = scores.labels()
    colours = palette[labels]
    around = _neighbours(labels)
    border = (around != labels.ravel()).any(axis=0)
    if tolerance:
        mixed = scores.softened(palette, highest, tolerance)
        border &= (mixed == colours).all(axis=2).ravel()  # the others are soft already
        colours = mixed
    picture = colours.astype(np.uint8).repeat(2, axis=0).repeat(2, axis=1)
    if border.any():
        places = np.flatnonzero(border)
        _paint_border(picture, scores, palette, around[:, places], places)
    return picture


def _neighbours(labels: Labels) -> Labels:
    """The 3×3 labels around each pixel of (H, W), (9, H · W); the edge is repeated."""
    height, width = labels.shape
    padded = np.pad(labels, 1, mode="edge")
    near = [padded[row : row + height, column : column + width] for row in range(3) for column in range(3)]
    return np.stack(near).reshape(9, -1)


def _paint_border(
    picture: Pixels, scores: Scores, palette: NDArray[np.int32], around: Labels, border: Positions
) -> None:
    """Paint the pixels ``border`` (N,) whose neighbourhoods ``around`` (9, N) have several labels, in place."""
    rows, columns = border // scores.side, border % scores.side
    last = scores.side - 1
    near = [
        np.clip(rows + y, 0, last) * scores.side + np.clip(columns + x, 0, last)
        for y in range(-2, 3)
        for x in range(-2, 3)
    ]
    places = scores.places(np.stack(near))
    low, high = around.min(axis=0), around.max(axis=0)
    simple = ((around == low) | (around == high)).all(axis=0)
    quarters = np.empty((4, len(border), 3), np.uint8)
    quarters[:, simple] = _two(scores, palette, low[simple], high[simple], places[:, simple])
    quarters[:, ~simple] = _many(scores, palette, around[:, ~simple], places[:, ~simple])
    for number, quarter in enumerate(quarters):
        picture[2 * rows + number // 2, 2 * columns + number % 2] = quarter


def _two(scores: Scores, palette: NDArray[np.int32], low: Labels, high: Labels, places: Positions) -> NDArray[np.uint8]:
    """The quarters (4, N, 3) of pixels between two labels (N,); ``places`` (25, N)."""
    lead = scores.at(low, places)
    lead -= scores.at(high, places)
    np.clip(np.rint(lead, out=lead), -LARGEST_LEAD, LARGEST_LEAD, out=lead)
    wins = (_WEIGHTS @ torch.from_numpy(lead).double()).numpy() >= 0  # (16, N)
    share = wins.reshape(2, 2, 2, 2, -1).sum(axis=(1, 3), dtype=np.int32).reshape(4, -1, 1)  # of 4 subpixels
    sums: NDArray[np.int32] = share * palette[low] + (4 - share) * palette[high]
    return _mean_of_four(sums)


def _many(scores: Scores, palette: NDArray[np.int32], around: Labels, places: Positions) -> NDArray[np.uint8]:
    """The quarters (4, N, 3) of pixels with several labels; ``around`` (9, N), ``places`` (25, N)."""
    found = scores.at(around[:, None], places)  # (9 labels, 25 pixels, N)
    found -= found.max(axis=0)
    np.maximum(np.rint(found, out=found), -LARGEST_LEAD, out=found)
    fine = torch.einsum("sp,cpn->csn", _WEIGHTS, torch.from_numpy(found).double())
    best = fine.argmax(dim=0).numpy()  # (16, N)
    colours = palette[np.take_along_axis(around, best, axis=0)]
    return _mean_of_four(colours.reshape(2, 2, 2, 2, -1, 3).sum(axis=(1, 3)).reshape(4, -1, 3))


def _mean_of_four(sums: NDArray[np.int32]) -> NDArray[np.uint8]:
    mean: NDArray[np.uint8] = ((sums + 2) >> 2).astype(np.uint8)
    return mean


def _weights() -> Tensor:
    """Weights of smoothed scores for each subpixel, in reading order, over 5×5 pixels: (16, 25), in 2¹⁸ths.

    A binomial filter (1, 2, 1) followed by interpolation with a quadratic B-spline. The scores of single pixels are
    noisy, and lines would show it.
    """
    line = np.zeros((SUBPIXELS, 5))
    for number in range(SUBPIXELS):
        away = (2 * number + 1 - SUBPIXELS) / (2 * SUBPIXELS)  # from the pixel's centre, in pixels
        spline = ((0.5 - away) ** 2 / 2, 0.75 - away**2, (0.5 + away) ** 2 / 2)
        line[number] = np.convolve(spline, (0.25, 0.5, 0.25))
    return torch.from_numpy(np.einsum("ya,xb->yxab", line, line).reshape(-1, 25) * 2**18)  # exact in float64


_WEIGHTS: Final = _weights()
