"""Resolve an icon code to its latent.

The random streams are NumPy's legacy `RandomState`, frozen by NEP 19, so a code has the same latent in every version.
Sums use `math.fsum`, whose exactly rounded result does not depend on the order of additions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from gan.codes import IconCode, Term

Latent: TypeAlias = NDArray[np.float64]  # (z_dim,)

VARIATION_ANGLE = 0.3  # radians between an icon and its variation: keeps about four attributes in five
_MIX = 0  # separates the two terms of a mix in a stream's key; variations are numbered from 1


def code_to_latent(code: IconCode, z_dim: int) -> Latent:
    """Return the latent of `code`: standard normal numbers, float64 (z_dim,), at least 2 of them.

    Style, model and tweaks are ignored: a code has the same latent in every style. The latent of a seed begins with
    that of a smaller `z_dim`.
    """
    first = term_to_latent(code.first, z_dim)
    return first if code.second is None else mixed(code, first, term_to_latent(code.second, z_dim))


def mixed(code: IconCode, first: Latent, second: Latent) -> Latent:
    """Return the latent of a mix from the latents of its two icons, (z_dim,) each."""
    z = slerp(first, second, code.percent / 100)
    return _vary(z, stream_key(replace(code, steps=())), code.steps)


def stream_key(code: IconCode) -> list[int]:
    """Return the key of an icon's variation streams, to which the variation's number is appended."""
    key = [code.first.seed, *code.first.steps]
    if code.second is not None:
        key += [_MIX, code.second.seed, *code.second.steps, _MIX]
    return [*key, *code.steps]


def seed_latents(seeds: Iterable[int], z_dim: int) -> NDArray[np.float64]:
    """Return the latents of many seeds, float64 (N, z_dim), as `code_to_latent` but several times as fast."""
    stream = np.random.RandomState(0)  # reseeding is cheaper than constructing
    latents = []
    for seed in seeds:
        stream.seed(seed)
        latents.append(stream.standard_normal(z_dim))
    return np.array(latents)


def slerp(a: Latent, b: Latent, t: float) -> Latent:
    """Interpolate spherically from `a` (t = 0) to `b` (t = 1); exact at both ends.

    Angle and length change evenly. A straight line would pass through short latents outside the training distribution
    (White 2016, arXiv 1609.04468). Parallel ends are joined by a straight line, opposite ones by a half circle through
    a fixed perpendicular.
    """
    if t in {0.0, 1.0}:
        return (b if t else a).copy()
    norm_a, norm_b = _norm(a), _norm(b)
    straight = (1 - t) * a + t * b
    if norm_a == 0.0 or norm_b == 0.0:
        return straight
    angle = math.acos(min(1.0, max(-1.0, _dot(a, b) / (norm_a * norm_b))))
    if angle < 1e-6:
        return straight
    length = (1 - t) * norm_a + t * norm_b
    if math.pi - angle < 1e-6:
        side = _perpendicular(a, np.eye(len(a))[int(np.argmin(np.abs(a)))])
        return (math.cos(math.pi * t) * a + math.sin(math.pi * t) * side) * (length / norm_a)
    turned = math.sin((1 - t) * angle) * (a / norm_a) + math.sin(t * angle) * (b / norm_b)
    return turned * (length / math.sin(angle))


def term_to_latent(term: Term, z_dim: int) -> Latent:
    """Return the latent of one icon with its variations, (z_dim,)."""
    return _vary(np.random.RandomState(term.seed).standard_normal(z_dim), [term.seed], term.steps)


def _vary(z: Latent, key: list[int], steps: tuple[int, ...]) -> Latent:
    """Turn `z` by VARIATION_ANGLE once per step, each towards a direction of its own; the length stays."""
    for n in steps:
        key = [*key, n]
        side = _perpendicular(z, np.random.RandomState(key).standard_normal(len(z)))
        z = math.cos(VARIATION_ANGLE) * z + math.sin(VARIATION_ANGLE) * side
    return z


def _perpendicular(z: Latent, towards: Latent) -> Latent:
    """Return the part of `towards` that is perpendicular to `z`, as long as `z`."""
    side = towards - (_dot(z, towards) / _dot(z, z)) * z
    return side * (_norm(z) / _norm(side))


def _dot(a: Latent, b: Latent) -> float:
    return math.fsum((a * b).tolist())


def _norm(a: Latent) -> float:
    return math.sqrt(_dot(a, a))
