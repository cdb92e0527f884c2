"""Upscalers as second stages (`gan.second_stages.second_stage`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from gan.rendering.upscaling import Pixels
from gan.second_stages.second_stage import GeneratorOutput
from gan.second_stages.upscaler.exact import ExactUpscaler, read_upscaler, unshuffled
from gan.second_stages.upscaler.features import rounded_conditions, rounded_features
from gan.second_stages.upscaler.label_map import SOFTEST
from gan.second_stages.upscaler.spec import SIDE, Spec

BLENDED = 2.0  # distance of an interpolation's conditions from an icon's from which the tolerance is the largest
PLAIN_FILE = Path(__file__).parent / "plain.safetensors"
_SPEC = "spec"  # name of the tensor that holds the architecture as JSON bytes


class _Upscaler:
    """An exact network with its architecture and tensors."""

    gradual = True

    def __init__(self, spec: Spec, tensors: Mapping[str, Tensor]) -> None:
        self._spec = spec
        self._tensors = dict(tensors)
        self._network = ExactUpscaler(spec, self._tensors)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file of `gan.second_stages.upscaler.train`. Raises `gan.errors.MeliconError`."""
        return cls(*read_upscaler(path))

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor], conditions: int) -> Self:
        """Read what `tensors` returned, for a model with ``conditions``. Raises ValueError for anything else."""
        shape = tensors.get(_SPEC)
        if shape is None or shape.dtype != torch.uint8 or shape.ndim != 1:
            raise ValueError("an upscaler's shape is missing")
        spec = Spec.from_json(shape.numpy().tobytes().decode("utf-8", "replace"))
        if spec.conditions not in (0, conditions):
            raise ValueError(f"the upscaler knows {spec.conditions} conditions, and the model has {conditions}")
        return cls(spec, {name: tensor for name, tensor in tensors.items() if name != _SPEC})

    @property
    def distinct(self) -> bool:
        """Whether an icon has one value of each attribute: half of one shape and half of another would be smeared.

        Not for upscalers that predict RGB, whose released icons must not change.
        """
        return self._spec.labels > 0

    @property
    def conditions(self) -> int:
        """The number of conditions."""
        return self._spec.conditions

    def tensors(self) -> dict[str, Tensor]:
        """Return weights and architecture."""
        return {_SPEC: torch.frombuffer(bytearray(self._spec.to_json().encode()), dtype=torch.uint8), **self._tensors}

    def __deepcopy__(self, _memo: object) -> Self:
        """Return itself: it is immutable, so copies of a network may share it."""
        return self


class PlainUpscaler(_Upscaler):
    """An upscaler whose only input is pixels."""

    part = "plain-upscaler"

    def enlarge(self, output: GeneratorOutput) -> Pixels:
        """Enlarge the generator's pixels to 256×256."""
        return self.enlarge_pixels(output.pixels)

    def enlarge_pixels(self, pixels: Pixels) -> Pixels:
        """Enlarge uint8 (64, 64, 3) to 256×256."""
        x = torch.from_numpy(pixels).float()
        return self._network({SIDE // 2: unshuffled(x), SIDE: x})


class ConditionedUpscaler(_Upscaler):
    """An upscaler with the generator's features and conditions as inputs."""

    part = "upscaler"

    def enlarge(self, output: GeneratorOutput) -> Pixels:
        """Draw from features and conditions: 512×512 where the upscaler predicts a label map, otherwise 256×256."""
        inputs = {side: rounded_features(x).float() for side, x in output.features.items()}
        conditions = rounded_conditions(output.conditions).float()
        tolerance = round(SOFTEST * min(output.away / BLENDED, 1))
        return self._network(inputs, conditions, tolerance=tolerance)
