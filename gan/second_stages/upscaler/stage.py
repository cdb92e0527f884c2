"""Upscalers as second stages (`gan.second_stages.second_stage`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from gan.rendering.animation import dissolve
from gan.rendering.upscaling import Pixels
from gan.second_stages.second_stage import GeneratorOutput
from gan.second_stages.upscaler.exact import ExactUpscaler, read_upscaler, unshuffled
from gan.second_stages.upscaler.features import rounded_conditions, rounded_features
from gan.second_stages.upscaler.label_map import SOFTEST, between, leading, painted
from gan.second_stages.upscaler.spec import SIDE, Spec

PLAIN_FILE = Path(__file__).parent / "plain.safetensors"
_SPEC = "spec"  # name of the tensor that holds the architecture as JSON bytes


class _Upscaler:
    """An exact network with its architecture and tensors."""

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
    def gradual(self) -> bool:
        """Whether interpolated latents give a gradual change: a label map has hard edges, which would be frayed."""
        return not self._spec.labels

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

    def enlarge(self, output: GeneratorOutput) -> Pixels:
        """Return the icon."""
        raise NotImplementedError

    def transition(self, one: GeneratorOutput, other: GeneratorOutput, steps: int) -> list[Pixels]:
        """Return a cross-dissolve: ``steps`` pictures from ``one`` to the last before ``other``."""
        return dissolve(self.enlarge(one), self.enlarge(other), steps)

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
        return self._network(*_inputs(output))

    def transition(self, one: GeneratorOutput, other: GeneratorOutput, steps: int) -> list[Pixels]:
        """Return ``steps`` pictures from ``one`` to the last before ``other``.

        Where both label maps have the same entry of the palette, the area stays and its colour changes. Elsewhere,
        areas fade into each other. RGB is cross-dissolved.
        """
        if not self._spec.labels:
            return super().transition(one, other, steps)
        (scores, palette), (later_scores, later_palette) = (self._network.label_map(*_inputs(o)) for o in (one, other))
        leads, later_leads = scores.leads(), later_scores.leads()
        kept = leading(leads, later_leads, scores.count)  # about half of the labels: the others only cost time
        leads, later_leads = leads[kept.repeat_interleave(4)], later_leads[kept.repeat_interleave(4)]
        here, there = palette[kept.numpy()], later_palette[kept.numpy()]
        pictures = [painted(scores, palette)]
        for step in range(1, steps):
            colours = ((steps - step) * here + step * there + steps // 2) // steps
            pictures.append(painted(between(leads, later_leads, step / steps), colours, SOFTEST))
        return pictures


def _inputs(output: GeneratorOutput) -> tuple[dict[int, Tensor], Tensor]:
    features = {side: rounded_features(x).float() for side, x in output.features.items()}
    return features, rounded_conditions(output.conditions).float()
