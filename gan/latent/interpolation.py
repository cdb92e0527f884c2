"""Morphs: a loop of frames through several icons at perceptually constant speed.

Equal steps in latent space are not equal perceptual steps: a picture may hardly change for half the path and then jump.
So the path is sampled at a few points, the distances between those pictures are measured, and the frames are placed at
equal distances. Drawing them refines the measurement, and the placement is repeated until the steps are even.
Interpolation runs between resolved latents, so that attributes change gradually. Models whose second stage makes the
transitions itself use `loop` instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from gan.latent.resolve import slerp

if TYPE_CHECKING:
    from gan.codes import IconCode

Frame: TypeAlias = NDArray[np.uint8]  # (S, S, 3)
Frames: TypeAlias = NDArray[np.uint8]  # (N, 64, 64, 3)
Way: TypeAlias = Callable[[float], NDArray[np.float64]]  # 0 … 1 -> a point, (z_dim,)
Draw: TypeAlias = Callable[[NDArray[np.float64]], Frames]  # points (N, z_dim) -> pictures

Icon = TypeVar("Icon")


class Sketcher(Protocol):
    """The part of `gan.sampling.sampler.Sampler` that morphs need."""

    @property
    def free(self) -> int:
        """The number of leading dimensions that select no attribute."""

    def resolved(self, codes: Sequence[IconCode]) -> NDArray[np.float64]:
        """Return the codes' resolved latents, (N, z_dim)."""

    def sketch(self, resolved: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Draw resolved latents quickly: (N, 64, 64, 3)."""


MOST_ICONS = 8
FRAMES = 48  # of a loop through two icons; each further one adds 12
EVEN = 1.5  # largest step relative to the mean at which the placement is accepted
_PROBES = 9  # pictures of the first measurement
_ROUNDS = 4  # placements at most
_FEWEST = 6  # steps between two icons


def path(sampler: Sketcher, codes: Sequence[IconCode]) -> NDArray[np.float64]:
    """Return the resolved latents of a loop through `codes`, (N, z_dim): 2 … MOST_ICONS icons of one style.

    48 points for two icons and about 12 more for each further one, evenly spaced in picture distance. Raises
    ValueError for another number of codes and `gan.codes.StyleMismatch` for a code of another style.
    """
    if not 2 <= len(codes) <= MOST_ICONS:
        raise ValueError(f"a morph leads through 2 to {MOST_ICONS} icons, not {len(codes)}")
    points = sampler.resolved(codes)
    frames = FRAMES + 12 * (len(codes) - 2)
    if len(codes) == 2:
        there = _even(_way(points[0], points[1], sampler.free), sampler.sketch, frames // 2)
        return np.concatenate([there, there[-2:0:-1]])
    ways = [_way(a, b, sampler.free) for a, b in zip(points, np.roll(points, -1, axis=0), strict=True)]
    lengths = [steps(sampler.sketch(_points(way, np.linspace(0, 1, _PROBES)))).sum() for way in ways]
    total = sum(lengths) or 1.0
    shares = [max(_FEWEST, round(frames * length / total)) for length in lengths]
    return np.concatenate([_even(way, sampler.sketch, share)[:-1] for way, share in zip(ways, shares, strict=True)])


def loop(icons: Sequence[Icon], transition: Callable[[Icon, Icon, int], list[Frame]]) -> list[Frame]:
    """Return the frames of a loop through 2 … MOST_ICONS icons whose models do not change gradually.

    `transition` returns a number of frames from one icon to the last before another. There are as many frames as points
    of `path`. Raises ValueError for another number of icons.
    """
    if not 2 <= len(icons) <= MOST_ICONS:
        raise ValueError(f"a morph leads through 2 to {MOST_ICONS} icons, not {len(icons)}")
    each = (FRAMES + 12 * (len(icons) - 2)) // len(icons)
    if len(icons) == 2:
        there = transition(icons[0], icons[1], each) + transition(icons[1], icons[0], 1)
        return there + there[-2:0:-1]
    frames = []
    for number, icon in enumerate(icons):
        frames += transition(icon, icons[(number + 1) % len(icons)], each)
    return frames


def steps(frames: Frames) -> NDArray[np.float64]:
    """Return the distances of neighbouring frames, (N - 1,): root mean square of CIE 1976 colour differences."""
    lab = to_lab(frames)
    squares: NDArray[np.float64] = np.square(lab[1:] - lab[:-1]).sum(axis=3).mean(axis=(1, 2))
    return np.sqrt(squares)


def to_lab(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float64]:
    """Return sRGB (..., 3), 0 … 255, as CIE L*a*b* with white D65 (IEC 61966-2-1; CIE 15:2004, 8.2.1)."""
    rgb = pixels / 255.0
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    xyz = linear @ (to_xyz / to_xyz.sum(axis=1, keepdims=True)).T  # relative to the white point
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _way(a: NDArray[np.float64], b: NDArray[np.float64], free: int) -> Way:
    """Return the path from `a` to `b`: slerp in the free dimensions, linear in the attributes."""

    def at(t: float) -> NDArray[np.float64]:
        return np.concatenate([slerp(a[:free], b[:free], t), (1 - t) * a[free:] + t * b[free:]])

    return at


def _even(way: Way, draw: Draw, count: int) -> NDArray[np.float64]:
    """Return `count` + 1 points along `way`, `count` even steps apart."""
    known = np.linspace(0, 1, _PROBES)
    pictures = draw(_points(way, known))
    for _ in range(_ROUNDS):
        travelled = np.concatenate([[0.0], np.cumsum(steps(pictures))])
        # where nothing changes, measure along the path itself
        travelled += known * 1e-6
        at = np.interp(np.linspace(0, travelled[-1], count + 1), travelled, known)
        at[0], at[-1] = 0.0, 1.0
        points = _points(way, at)
        frames = draw(points)
        between = steps(frames)
        if between.max() <= EVEN * between.mean():
            break
        known, first = np.unique(np.concatenate([known, at]), return_index=True)
        pictures = np.concatenate([pictures, frames])[first]
    return points


def _points(way: Way, at: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([way(float(t)) for t in at])
