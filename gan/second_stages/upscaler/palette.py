"""The colours of a drawing, as a sum of those that each condition selects. All arithmetic is on integers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan.checkpoint.tensor_files import WeightsError
from gan.second_stages.upscaler.spec import LARGEST, Spec


class Palette:
    """The colours selected by conditions: a sum of each condition's colours and of constant ones."""

    def __init__(self, spec: Spec, tensors: Mapping[str, Tensor]) -> None:
        """Raises `WeightsError` for tensors of another shape."""
        chosen, still = tensors.get("palette.chosen"), tensors.get("palette.still")
        wanted = (spec.conditions, spec.colours, 3)
        for name, tensor, shape in (("chosen", chosen, wanted), ("still", still, wanted[1:])):
            if tensor is None or tuple(tensor.shape) != shape or tensor.dtype != torch.uint8:
                raise WeightsError(f"these weights do not fit the upscaler: palette.{name} is not uint8 {shape}")
        assert chosen is not None and still is not None  # noqa: S101, PT018  # checked above
        self._chosen, self._still = chosen.flatten(1), still.float()
        # which conditions have a colour for which row; upscalers without labels keep the plain sum, and their pixels
        self._selects = chosen.amax(dim=2) > 0 if spec.labels else None

    def __call__(self, conditions: Tensor) -> NDArray[np.int32]:
        """(N,) of 0 … 255 -> (K, 3) of 0 … 255."""
        used = conditions.nonzero().flatten()
        weights = conditions[used].float()[None]
        summed = (weights @ self._chosen[used].float()).view_as(self._still)  # at most 255² per condition: exact
        total = torch.full((len(self._still), 1), float(LARGEST))
        if self._selects is not None:  # a colour that only some values have does not darken between them and others
            selected = (weights @ self._selects[used].float())[0][:, None]
            total = torch.where(selected > 0, selected, total)
        chosen = (summed / total).round_()
        palette: NDArray[np.int32] = (chosen + self._still).clamp_(0, LARGEST).int().numpy()
        return palette
