"""What became of a training, in figures a person can be told: is it varied, new, and in the hand of the examples.

No figure needs labels or fresh icons of the hand: the examples are all there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Images = NDArray[np.uint8]

COUNT = 192  # icons that are drawn to be judged
# Shares of icons with a near-duplicate among the others; the examples' own share is allowed for.
VARIED, REPEATING = 0.05, 0.25
COPIES, ECHOES = 0.5, 0.15  # shares of icons nearer to an example than examples are to each other
BLANK = 12.0  # mean standard deviation within an icon, of 255: below that hardly anything is there to see


def judge(drawn: Images, examples: Images, before: Images | None) -> dict[str, Any]:
    """Return the figures of `drawn` icons (N, 64, 64, 3) that were learnt from `examples`, after `before`.

    near_duplicates, examples_alike: share of icons that look like another one, drawn and given. copied: share of icons
    that are nearer to an example than 99 of 100 examples are to their nearest. nearness: how much of the way from
    `before` to the examples was covered, 0 to 1 (kernel distances of random convolutions); None where that is not
    known. contrast: mean standard deviation within an icon, of 255. warnings: blank, collapsed, repeats, copies.
    """
    from gan.metrics.variety import variety  # noqa: PLC0415 - imports little, yet only the training process needs it

    found = variety(drawn)
    alike = variety(examples).near_duplicates
    contrast = float(drawn.astype(np.float32).std(axis=(1, 2)).mean())
    copied = copied_share(drawn, examples)
    excess = found.near_duplicates - alike
    warnings = []
    if contrast < min(BLANK, 0.5 * float(examples.astype(np.float32).std(axis=(1, 2)).mean())):
        warnings.append("blank")
    if excess > REPEATING:
        warnings.append("collapsed")
    elif excess > VARIED:
        warnings.append("repeats")
    if copied > COPIES:
        warnings.append("copies")
    return {
        "near_duplicates": round(found.near_duplicates, 4),
        "examples_alike": round(alike, 4),
        "copied": round(copied, 4),
        "nearness": _nearness(drawn, examples, before),
        "contrast": round(contrast, 2),
        "count": len(drawn),
        "examples": len(examples),
        "warnings": warnings,
    }


def copied_share(drawn: Images, examples: Images) -> float:
    """Return the share of `drawn` that lies nearer to an example than examples do to each other (1st percentile)."""
    from gan.dataset.lookalikes import thumbnails  # noqa: PLC0415
    from gan.metrics.distances import nearest, nearest_other, novelty  # noqa: PLC0415

    known = thumbnails(examples).astype(np.float64)
    usual = nearest_other(known)
    if float(np.median(usual)) <= 0:
        return 0.0  # the examples repeat one another: nothing can be said
    return novelty(nearest(thumbnails(drawn).astype(np.float64), known), usual)[1]


def _nearness(drawn: Images, examples: Images, before: Images | None) -> float | None:
    if before is None:
        return None
    from gan.metrics.distances import kid  # noqa: PLC0415
    from gan.metrics.random_features import SEEDS, random_features  # noqa: PLC0415

    def looked(images: Images) -> list[NDArray[np.float64]]:
        return [random_features(images, seed) for seed in SEEDS]

    reals = looked(examples)
    shift = [(part.mean(axis=0), float(np.sqrt(((part - part.mean(axis=0)) ** 2).mean())) or 1.0) for part in reals]

    def scaled(parts: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
        return [(part - mean) / by for part, (mean, by) in zip(parts, shift, strict=True)]

    reals = scaled(reals)
    first = kid(scaled(looked(before)), reals, bootstraps=1).value
    last = kid(scaled(looked(drawn)), reals, bootstraps=1).value
    if first <= 0:
        return None  # it drew like the examples from the beginning
    return round(float(np.clip(1 - max(0.0, last) / first, 0, 1)), 4)
