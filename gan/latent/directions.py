"""Semantic directions in latent space, found from the weights alone, without labels.

Closed-form factorisation, "SeFa" (Shen and Zhou, "Closed-Form Factorization of Latent Semantics in GANs", 2021): a
latent z enters the generator through its first affine layer, A z + b. A step n changes that by A n, which is largest,
for standard normal z, along the eigenvectors of AᵀA with the largest eigenvalues.

Where the end of a latent selects attributes, the layer receives one-hot groups, which are not standard normal: a value
is 1 with its probability p, and each group sums to 1. With a factor L of their covariance L Lᵀ, the same holds for A L.
The steps L n, of one standard deviation each, then move from some values to others as morphs do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from gan.networks.fusion import FusedGenerator
from gan.networks.sagan import Generator

STEP = 0.75  # size of a tweak's step, in standard deviations: visible, and still the same icon


def free_directions(network: nn.Module, free: int, count: int) -> NDArray[np.float64]:
    """Return up to `count` directions in the `free` leading dimensions of a latent, float64 (count, z_dim).

    `network` is the result of `gan.networks.fusion.fuse_generator`, here and below.
    """
    matrix = first_affine(network)
    found = directions(matrix[:, :free], min(count, free))
    return np.pad(found, ((0, 0), (0, matrix.shape[1] - free)))


def mixed_directions(network: nn.Module, count: int) -> NDArray[np.float64]:
    """Return up to `count` directions of a resolved latent, including attributes, float64 (count, z_dim)."""
    matrix = first_affine(network)
    factor = np.eye(matrix.shape[1])
    choose = network.embed.choose if isinstance(network, FusedGenerator) else None
    sizes = choose.sizes if choose else ()
    if choose:
        start = matrix.shape[1] - sum(sizes)
        for (log_prior,) in choose.groups(choose.prior.detach()[None]):
            p = np.exp(log_prior.double().numpy())
            here = slice(start, start + len(p))
            factor[here, here] = (np.eye(len(p)) - p[:, None]) * np.sqrt(p)  # L Lᵀ is diag(p) - p pᵀ
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
        weight = first.weight.flatten(1).T  # transposed convolutions have input channels first
    return weight.detach().numpy()


def directions(matrix: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return the `count` leading right singular vectors of `matrix` (outputs, inputs), float64 (count, inputs).

    In descending order of singular value; the sign makes the entry of largest magnitude positive.
    """
    # Linear algebra libraries differ in the last bits: an eigenvector by some 1e-16 · λ₁ / gap, where the gap is the
    # distance to the neighbouring eigenvalue. Trained weights have gaps of 1e-4 · λ₁ and more, which leaves 1e-12: no
    # more than sums differ anyway, and far from what changes an 8-bit pixel (see `gan.sampling.sampler`). Rounding the
    # result would be worse: one number in a million would differ by a whole unit of the last place kept.
    _, vectors = np.linalg.eigh(matrix.T @ matrix)
    found = vectors[:, ::-1][:, :count].T
    largest = np.abs(found).argmax(axis=1)
    return np.ascontiguousarray(found * np.sign(found[np.arange(count), largest])[:, None])
