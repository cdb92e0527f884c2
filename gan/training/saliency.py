"""Saliency weights: weigh each pixel by what it tells about the picture's labels.

A beauty mark is three pixels of 4,096, so an unweighted pixel loss barely changes when the generator omits it. Here
every attribute gets a share of the weight and spends it on the pixels that distinguish its values. Attributes that the
classifier finds wrong get a larger share (compare focal loss, Lin et al. 2017).
"""

from __future__ import annotations

import torch
from torch import Tensor

from gan.training.device import CPU
from gan.training.training_set import TrainingSet

SIDE = 64
SURE = 25.0  # significance threshold of a term, in variances: 5 standard deviations
RIDGE = 1.0  # ridge penalty, in pictures: one attribute's indicators sum to 1, which makes the system singular
EVEN = 0.05  # nats added to every attribute's divergence: where all are right, all have the same share
AT_ONCE = 1000


class SaliencyWeights:
    """Pixel weights for labelled pictures, estimated from the training set; ``share`` of the weight is moved."""

    def __init__(self, data: TrainingSet, share: float, device: torch.device = CPU) -> None:
        """Raises ValueError where the pictures carry no labels."""
        if data.labels is None:
            raise ValueError("these pictures carry no labels")
        self.share = share
        sizes = torch.tensor(data.label_sizes)
        first = sizes.cumsum(0) - sizes  # index of each attribute's first value among all values
        self.maps = saliency_maps(torch.from_numpy(data.images), torch.from_numpy(data.labels) + first).to(device)
        self.first = first.to(device)

    def __call__(self, labels: Tensor, apart: Tensor | None = None) -> Tensor:
        """Labels (B, attributes) -> pixel weights (B, 1, 64, 64), 1 on average.

        ``apart`` (B, attributes) is the perceptual loss of each attribute (`gan.training.losses.perceptual_loss`).
        """
        wrong = torch.zeros(labels.shape, device=labels.device) if apart is None else apart.detach()
        shares = (wrong + EVEN) / (wrong + EVEN).sum(dim=1, keepdim=True)
        told = (self.maps[labels + self.first] * shares[:, :, None]).sum(dim=1) * SIDE**2
        return (1 - self.share + self.share * told).view(-1, 1, SIDE, SIDE)


def saliency_maps(images: Tensor, shown: Tensor) -> Tensor:
    """Share of each pixel in telling each value: (values, 4096), rows summing to 1.

    ``images`` are uint8 (N, 64, 64, 3); ``shown`` int64 (N, attributes) indexes values across all attributes. A least
    squares fit explains every pixel as a sum of one term per value, which separates values that occur together. The
    saliency of a value is its squared deviation from its attribute's mean term, minus the noise level, summed over
    colours. Values without a significant pixel get a uniform map.
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
