"""Where a picture shows what it shows: there its pixels weigh more.

A beauty mark is three pixels of 4,096. Counted pixel by pixel, a generator loses next to nothing when it leaves it out,
and so it is never begun. Here every attribute has a share of the weight, and gives it to the pixels that tell its value
from others. An attribute that is drawn otherwise than it should be has a larger share: the eye sees which (what is hard
is looked at more, as by the focal loss, Lin et al. 2017).
"""

from __future__ import annotations

import torch
from torch import Tensor

from gan.training.training_set import TrainingSet

SIDE = 64
SURE = 25.0  # a term counts beyond so many times the variance that chance gives it: 5 deviations
RIDGE = 1.0  # pictures' worth of doubt: shares of one attribute add up to 1, so without it no term is settled
EVEN = 0.05  # nats by which every attribute counts as drawn otherwise: where all are right, all have the same share
AT_ONCE = 1000


class SaliencyWeights:
    """Weights for the pixels of labelled pictures, from the pictures themselves; ``share`` of all weight is moved."""

    def __init__(self, data: TrainingSet, share: float) -> None:
        """Raises ValueError where the pictures carry no labels."""
        if data.labels is None:
            raise ValueError("these pictures carry no labels")
        self.share = share
        sizes = torch.tensor(data.label_sizes)
        self.first = sizes.cumsum(0) - sizes  # the number of each attribute's first value among all values
        self.maps = saliency_maps(torch.from_numpy(data.images), torch.from_numpy(data.labels) + self.first)

    def __call__(self, labels: Tensor, apart: Tensor | None = None) -> Tensor:
        """What is shown, (B, attributes) -> weights of the pixels (B, 1, 64, 64), 1 on average.

        ``apart`` (B, attributes) is how far what is drawn is from that, as `gan.training.losses.perceptual_loss` tells.
        """
        wrong = torch.zeros(labels.shape) if apart is None else apart.detach()
        shares = (wrong + EVEN) / (wrong + EVEN).sum(dim=1, keepdim=True)
        told = (self.maps[labels + self.first] * shares[:, :, None]).sum(dim=1) * SIDE**2
        return (1 - self.share + self.share * told).view(-1, 1, SIDE, SIDE)


def saliency_maps(images: Tensor, shown: Tensor) -> Tensor:
    """For each value how much each pixel tells of it: (values, 4096), each row summing to 1.

    ``images`` are uint8 (N, 64, 64, 3), ``shown`` int64 (N, attributes) numbers values through all attributes. Every
    pixel is explained by what is shown, as a sum with a term for each value (least squares), so that a moustache is not
    blamed for the short hair it comes with. What counts is the square of a value's term, from the mean of its
    attribute's terms, less what chance makes of it, summed over the colours. A value of which nothing is certain has
    the same everywhere.
    """
    n, values = len(images), int(shown.max()) + 1
    together, sums = torch.zeros(values, values), torch.zeros(values, SIDE**2 * 3)
    sums_of_squares = torch.zeros(SIDE**2 * 3)
    for start in range(0, n, AT_ONCE):
        x = images[start : start + AT_ONCE].flatten(1).float() / 127.5 - 1
        shows = torch.zeros(len(x), values).scatter_(1, shown[start : start + AT_ONCE], 1.0)
        together += shows.T @ shows
        sums += shows.T @ x
        sums_of_squares += x.square().sum(dim=0)
    counts, sums = together.diag().double(), sums.double()
    inverse = torch.linalg.inv(together.double() + RIDGE * torch.eye(values, dtype=torch.float64))
    terms = inverse @ sums
    unexplained = ((sums_of_squares - (terms * sums).sum(dim=0)) / n).clamp_min(0)
    centred = torch.eye(values, dtype=torch.float64)
    for group in shown.T:
        present = group.unique()
        centred[present[:, None], present] -= counts[present] / n
    noise = (centred @ inverse @ centred.T).diag()[:, None] * unexplained
    certain = (centred @ terms).square() - SURE * noise
    told: Tensor = certain.clamp_min(0).view(values, SIDE**2, 3).sum(dim=2).float()
    told[(told.sum(dim=1) == 0) | (counts == 0)] = 1.0
    return told / told.sum(dim=1, keepdim=True)
