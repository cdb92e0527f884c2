"""Draw codes at the size shown, whatever the model's second stage."""

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
