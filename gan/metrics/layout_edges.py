"""Colour layout and edges: a feature space sensitive to lines, unlike random convolutions.

    figures = LayoutEdges(reference).measure(generated, training, fresh)  # all uint8 (N, 64, 64, 3)
    print(figures.kid, figures.coverage, figures.density, figures.nn_accuracy, figures.novelty, figures.near_duplicates)

`reference` and `fresh` are disjoint sets of held-out real icons: the first is compared with, the second gives the
typical distance of new icons from the training icons.

The features of an icon are the mean colours of an 8×8 grid and, for each cell, a histogram of gradient orientations
(HOG; Dalal & Triggs, CVPR 2005): Sobel gradients of the brightness, 8 bins over the half circle, weighted by the
gradient's magnitude and interpolated between the two nearest bins. Magnitudes are not normalised, so that blur counts.
Each bin is replaced by its square root (Hellinger distance, as in RootSIFT; Arandjelović & Zisserman, CVPR 2012):
otherwise the few strongest edges dominate, and KID of two halves of the same style varies five times as much.

Every feature is divided by its standard deviation over the reference icons, which emphasises edges where the reference
has none. A floor limits the weight of features that hardly vary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F

from gan.metrics.space_figures import distances_to, measure_space

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gan.metrics.space_figures import SpaceFigures

    Images = NDArray[np.uint8]
    Features = NDArray[np.float64]

GRID = 8  # cells along a side
BINS = 8  # orientations over the half circle, ignoring the sign of the contrast
LUMA = (299.0, 587.0, 114.0)  # thousandths: brightness and gradients are integers, and flat areas are exactly flat
SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))
# A feature's minimal standard deviation, relative to the root mean square over its kind (colours, edges).
FLOOR = 0.6
BATCH = 256


def colour_layout(images: Images, grid: int = GRID) -> Features:
    """Return the mean colours, 0 to 1, of cells of icons uint8 (N, S, S, 3), S a multiple of `grid`: (N, grid²·3)."""
    count, side = images.shape[:2]
    cell = side // grid
    cells = images.reshape(count, grid, cell, grid, cell, 3).mean(axis=(2, 4), dtype=np.float64)
    layout: Features = cells.reshape(count, -1) / 255.0
    return layout


@torch.inference_mode()
def orientation_histograms(images: Images, grid: int = GRID) -> Features:
    """Return the gradient-orientation histograms of icons uint8 (N, S, S, 3): (N, 8·grid²), not negative.

    Each is the square root of the mean over the pixels of its cell, in units of brightness (0 to 1) per pixel.
    """
    parts = [_histograms(images[start : start + BATCH], grid) for start in range(0, len(images), BATCH)]
    return torch.cat(parts).double().numpy()


def _histograms(images: Images, grid: int) -> torch.Tensor:
    brightness = torch.from_numpy(images).float() @ torch.tensor(LUMA)  # (N, S, S), of 255,000
    sobel = torch.tensor(SOBEL)
    padded = F.pad(brightness[:, None], (1, 1, 1, 1), mode="replicate")
    gradient = F.conv2d(padded, torch.stack([sobel, sobel.T])[:, None])  # (N, 2, S, S): along x, along y
    magnitude = gradient.norm(dim=1, keepdim=True) / (8.0 * 255_000.0)
    position = torch.atan2(gradient[:, 1:], gradient[:, :1]) * (BINS / np.pi) % BINS  # (N, 1, S, S)
    lower = position.floor()
    upper_share = position - lower
    bins = lower.long() % BINS
    votes = torch.zeros(len(images), BINS, *brightness.shape[1:])
    votes.scatter_(1, bins, magnitude * (1.0 - upper_share))
    votes.scatter_add_(1, (bins + 1) % BINS, magnitude * upper_share)
    return F.avg_pool2d(votes, brightness.shape[-1] // grid).sqrt().flatten(1)


class Standardised:
    """Standardises features by the means and standard deviations of reference rows.

    Deviations are at least FLOOR times `usual`, by default the root mean square over the features.
    """

    def __init__(self, reference: Features, usual: float | None = None) -> None:
        deviation = reference.std(axis=0)
        self._shift = reference.mean(axis=0)
        least = FLOOR * (usual_deviation([reference]) if usual is None else usual)
        self._scale = np.maximum(deviation, least) if least > 0 else np.ones_like(deviation)

    def __call__(self, features: Features) -> Features:
        """Return features (N, d), standardised."""
        scaled: Features = (features - self._shift) / self._scale
        return scaled


def usual_deviation(parts: Sequence[Features]) -> float:
    """Return the root mean square of the standard deviations of all features of all `parts`, (N, d) each."""
    return float(np.sqrt(np.mean([part.var(axis=0).mean() for part in parts])))


class LayoutEdges:
    """The feature space of colour layout and edges, standardised on reference icons uint8 (R, S, S, 3)."""

    def __init__(self, reference: Images) -> None:
        self._colours = Standardised(colour_layout(reference))
        self._edges = Standardised(orientation_histograms(reference))
        self.reference = self.features(reference)

    def features(self, images: Images) -> Features:
        """Return the standardised features of icons uint8 (N, S, S, 3): (N, 704) for the grid of 8×8."""
        return np.concatenate(
            [self._colours(colour_layout(images)), self._edges(orientation_histograms(images))], axis=1
        )

    def measure(self, generated: Images, training: Images, fresh: Images, *, seed: int = 0) -> SpaceFigures:
        """Return the figures of `generated` icons in this space; see the module's docstring."""
        known = [self.features(training)]
        usual = distances_to(known, [self.features(fresh)])
        return measure_space([self.features(generated)], [self.reference], known, usual, seed=seed)
