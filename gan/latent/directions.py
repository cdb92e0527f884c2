"""Directions in latent space that change much in a picture, found in the weights alone, without a single label.

Closed-form factorisation, "SeFa" (Shen and Zhou, "Closed-Form Factorization of Latent Semantics in GANs", 2021): all
that a generator knows of a latent z passes through its first affine layer, A z + b. A move by n changes that by A n,
and so changes most, for a z whose numbers all spread alike, along the eigenvectors of AᵀA with the largest eigenvalues.

Where the end of a latent chooses attributes, the layer sees one-hot groups, which do not spread like normal numbers: a
value of probability p is 1 that often, and all of a group sum to 1. With a factor L of their covariance L Lᵀ, and A L
in place of A, the same holds: the moves L n, of one standard deviation each, pass from some values to others as morphs
do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from gan.networks.fusion import FusedGenerator
from gan.networks.sagan import Generator

STEP = 0.75  # of a tweak by one step, in standard deviations: plain to see, and still the same icon


def free_directions(network: nn.Module, free: int, count: int) -> NDArray[np.float64]:
    """Return up to `count` directions in the `free` numbers at the start of a latent, float64 (count, z_dim).

    `network` is what `gan.networks.fusion.fold` returned, here and below.
    """
    matrix = first_affine(network)
    found = directions(matrix[:, :free], min(count, free))
    return np.pad(found, ((0, 0), (0, matrix.shape[1] - free)))


def mixed_directions(network: nn.Module, count: int) -> NDArray[np.float64]:
    """Return up to `count` moves of a resolved latent, attributes and all, float64 (count, z_dim)."""
    matrix = first_affine(network)
    factor = np.eye(matrix.shape[1])
    choose = network.embed.choose if isinstance(network, FusedGenerator) else None
    sizes = choose.sizes if choose else ()
    if choose:
        start = matrix.shape[1] - sum(sizes)
        for (log_prior,) in choose.groups(choose.prior.detach()[None]):
            p = np.exp(log_prior.double().numpy())
            here = slice(start, start + len(p))
            factor[here, here] = (np.eye(len(p)) - p[:, None]) * np.sqrt(p)  # its L Lᵀ is diag(p) - p pᵀ
            start = here.stop
    return directions(matrix @ factor, min(count, matrix.shape[1] - len(sizes))) @ factor.T


def first_affine(network: nn.Module) -> NDArray[np.float64]:
    """Return the matrix of the first affine layer of `network`, float64 (outputs, z_dim)."""
    weight: Tensor
    if isinstance(network, FusedGenerator):
        mixes = [layer for layer in network.embed.mix if isinstance(layer, nn.Linear)]
        weight = mixes[0].weight if mixes else network.stem.T
    else:
        generator = next(module for module in network.modules() if isinstance(module, Generator))
        first = generator.layer1[0]
        assert isinstance(first, nn.ConvTranspose2d)  # noqa: S101  # narrows nn.Sequential's items for the type checker
        weight = first.weight.flatten(1).T  # a transposed convolution has its inputs first
    return weight.detach().numpy()


def directions(matrix: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return the `count` unit vectors that `matrix` (outputs, inputs) stretches most, float64 (count, inputs).

    The most stretched first; of the two that are opposite, the one whose largest number is positive.
    """
    # Libraries of linear algebra differ in the last bits: an eigenvector by some 1e-16 · λ₁ / gap, where the gap is the
    # distance to the neighbouring eigenvalue. Trained weights have gaps of 1e-4 · λ₁ and more, which leaves 1e-12: as
    # little as sums differ anyway, and far from what could turn a pixel's 8 bits (see `gan.sampling.sampler`). To round
    # the numbers would be worse: one in a million would be torn apart by a whole unit of the last place kept.
    _, vectors = np.linalg.eigh(matrix.T @ matrix)
    found = vectors[:, ::-1][:, :count].T
    largest = np.abs(found).argmax(axis=1)
    return np.ascontiguousarray(found * np.sign(found[np.arange(count), largest])[:, None])
