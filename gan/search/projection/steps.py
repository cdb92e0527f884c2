"""Latents of neighbouring codes for the projection search: variations and mixes.

They equal those of `gan.latent.resolve.code_to_latent` up to rounding and are several times as fast. They serve for
ranking only; drawing uses the code.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gan.codes import IconCode
from gan.latent.resolve import VARIATION_ANGLE, Latent, stream_key


def variations(code: IconCode, latent: Latent, numbers: Sequence[int]) -> NDArray[np.float64]:
    """Return the latents of variations of an icon, (N, z_dim); `latent` is the icon's."""
    key = stream_key(code)
    stream = np.random.RandomState(0)
    sides = np.empty((len(numbers), len(latent)))
    for side, number in zip(sides, numbers, strict=True):
        stream.seed([*key, number])
        side[:] = stream.standard_normal(len(latent))
    length = np.linalg.norm(latent)
    sides -= np.outer(sides @ latent / length**2, latent)
    sides *= length / np.linalg.norm(sides, axis=1, keepdims=True)
    turned: NDArray[np.float64] = np.cos(VARIATION_ANGLE) * latent + np.sin(VARIATION_ANGLE) * sides
    return turned


def mixes(a: Latent, b: Latent, percents: Sequence[int]) -> NDArray[np.float64]:
    """Return the latents of mixes of two icons, (N, z_dim); of `a` where the two are parallel."""
    long, wide = np.linalg.norm(a), np.linalg.norm(b)
    angle = np.arccos(np.clip(a @ b / (long * wide), -1, 1))
    if not 1e-3 < angle < np.pi - 1e-3:
        return np.tile(a, (len(percents), 1))
    at = np.array(percents)[:, None] / 100
    turned = np.sin((1 - at) * angle) * (a / long) + np.sin(at * angle) * (b / wide)
    mixed: NDArray[np.float64] = turned * (((1 - at) * long + at * wide) / np.sin(angle))
    return mixed
