"""Codes to pictures of the size people see: the one place that knows how a model's icons get there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gan.codes import IconCode
    from gan.sampling.sampler import Sampler


def draw_at(sampler: Sampler, codes: Sequence[IconCode], size: int) -> NDArray[np.uint8]:
    """Draw icons at `size` pixels a side, N ≥ 1: uint8 RGB (N, size, size, 3). Raises what `Sampler.draw` raises."""
    return np.stack(sampler.render(codes, size))
