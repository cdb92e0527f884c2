"""Evaluates a trained style: four grades, and a verdict that is the worst of them.

similarity: resembles the examples. variety: icons differ. newness: no copies of examples. cleanness: no smudges, noise
or blur. The figures need no labels and no held-out pictures. Thresholds were calibrated on eight styles by real artists
(docs/metrics.md, "The verdict").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Images = NDArray[np.uint8]

FEWEST = 24  # fewest icons for meaningful figures
ENOUGH_SEEN = 3_000  # training pictures; below that, a network still draws its previous style
# With few examples, KID of fresh pictures in the style reaches FEW_KID / n² (1.6 for n = 8, 0.34 for n = 24), and up to
# FEW_COPIED / n of them are nearer to an example than examples are to each other.
FEW_KID, FEW_COPIED = 128.0, 3.0
GOOD, FAIR, BAD = "good", "fair", "bad"
# in the order in which ties are reported
ASPECTS = ("newness", "similarity", "cleanness", "variety")
# figure: (aspect, threshold for good, threshold for fair); descending if lower is worse
LIMITS: dict[str, tuple[str, float, float]] = {
    "distance": ("similarity", 0.15, 0.5),
    "nn_accuracy": ("similarity", 0.8, 0.95),
    "repeated": ("variety", 0.05, 0.25),
    "spread": ("variety", 0.6, 0.3),
    "echoed": ("newness", 0.15, 0.5),
    "novelty": ("newness", 0.8, 0.5),
    "haze": ("cleanness", 1.3, 1.75),
    "grain": ("cleanness", 1.5, 3.5),
    "sharpness": ("cleanness", 0.65, 0.45),
    "contrast": ("cleanness", 0.6, 0.4),
}


def evaluate(drawn: Images, examples: Images, before: Images | None, *, seen: int) -> dict[str, Any]:
    """Return the figures and grades of `drawn` icons (N, 64, 64, 3), trained on `examples` starting from `before`.

    seen: number of training pictures. The figures, as plain JSON values:
    kid, nn_accuracy: between icons and examples in layout-and-edge feature space; distance: KID beyond what the number
    of examples explains.
    unchanged: whether the icons are nearer to `before` than to the examples; similarity is bad then.
    near_duplicates, repeated: share of icons with a near-duplicate, and its excess over the examples' share.
    spread: variance of the colour layout, relative to the examples'.
    copied: share of icons nearer to an example than 99 of 100 examples are to their nearest; echoed: its excess over
    what the number of examples explains; novelty: median distance to the nearest example, relative to the examples'.
    haze, sharpness, contrast: relative to the examples'; grain: levels of 255 above the examples'.
    grades: aspect -> good, fair or bad. verdict: the worst grade; worst: the first aspect that has it.
    """
    from gan.metrics.sharpness import grain, haze, steepness  # noqa: PLC0415 - only the training process needs them
    from gan.metrics.variety import variety  # noqa: PLC0415

    alike, own_alike = variety(drawn).near_duplicates, variety(examples).near_duplicates
    measured = _similarity(drawn, examples, before)
    copied, novel = _newness(drawn, examples)
    figures = measured | {
        "near_duplicates": alike,
        "repeated": max(0.0, alike - own_alike),
        "spread": _over(_layout_variance(drawn), _layout_variance(examples)),
        "copied": copied,
        "echoed": max(0.0, copied - FEW_COPIED / len(examples)),
        "novelty": novel,
        "haze": _over(haze(drawn), haze(examples)),
        "grain": max(0.0, grain(drawn) - grain(examples)),
        "sharpness": _over(steepness(drawn), steepness(examples)),
        "contrast": _over(_contrast(drawn), _contrast(examples)),
    }
    grades = grades_of(figures)
    verdict = max(grades.values(), key=(GOOD, FAIR, BAD).index)
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()} | {
        "count": len(drawn),
        "examples": len(examples),
        "seen": seen,
        "early": seen < ENOUGH_SEEN,
        "grades": grades,
        "verdict": verdict,
        "worst": next(aspect for aspect in ASPECTS if grades[aspect] == verdict),
    }


def grades_of(figures: Mapping[str, Any]) -> dict[str, str]:
    """Return each aspect's grade: the worst of its figures."""
    ranks = dict.fromkeys(ASPECTS, 0)
    for name, (aspect, good, fair) in LIMITS.items():
        value, less_is_worse = figures[name], good > fair
        passed = [value >= limit if less_is_worse else value <= limit for limit in (good, fair)]
        ranks[aspect] = max(ranks[aspect], passed.count(False))  # nan fails every threshold
    if figures["unchanged"]:
        ranks["similarity"] = 2
    return {aspect: (GOOD, FAIR, BAD)[rank] for aspect, rank in ranks.items()}


def _similarity(drawn: Images, examples: Images, before: Images | None) -> dict[str, Any]:
    from gan.metrics.distances import kid, one_nn_accuracy  # noqa: PLC0415
    from gan.metrics.layout_edges import LayoutEdges  # noqa: PLC0415

    space = LayoutEdges(examples)
    icons = space.features(drawn)
    distance = kid([icons], [space.reference], bootstraps=0).value
    unchanged = before is not None and kid([icons], [space.features(before)], bootstraps=0).value < distance
    return {
        "kid": distance,
        "distance": max(0.0, distance - FEW_KID / len(examples) ** 2),
        "nn_accuracy": one_nn_accuracy(icons, space.reference),
        "unchanged": unchanged,
    }


def _newness(drawn: Images, examples: Images) -> tuple[float, float]:
    """Return the copied share and novelty, each from the space where it is worse: thumbnails, or layout and edges."""
    from gan.dataset.lookalikes import thumbnails  # noqa: PLC0415
    from gan.metrics.distances import nearest, nearest_other, novelty  # noqa: PLC0415
    from gan.metrics.layout_edges import LayoutEdges  # noqa: PLC0415

    space = LayoutEdges(examples)
    pairs = (
        (space.features(drawn), space.reference),
        (thumbnails(drawn).astype(np.float64), thumbnails(examples).astype(np.float64)),
    )
    found = [(0.0, 1.0)]  # duplicate examples carry no information
    for icons, known in pairs:
        usual = nearest_other(known)
        if float(np.median(usual)) > 0:
            ratio, share = novelty(nearest(icons, known), usual)
            found.append((share, ratio))
    return max(share for share, _ in found), min(ratio for _, ratio in found)


def _layout_variance(images: Images) -> float:
    from gan.metrics.layout_edges import colour_layout  # noqa: PLC0415

    return float(colour_layout(images).var(axis=0, ddof=1).sum())


def _contrast(images: Images) -> float:
    """Return the mean per-icon standard deviation."""
    return float(images.astype(np.float32).std(axis=(1, 2)).mean())


def _over(value: float, usual: float) -> float:
    return value / usual if usual > 0 else 1.0
