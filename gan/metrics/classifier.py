"""Attribute classifier: a small network that predicts an icon's attributes, and its features as a feature space.

It is trained on labelled icons of the house artist that are used neither for training generators nor for metrics
(`python -m gan.metrics.train_classifier`); the card beside its weights lists its accuracy for every attribute.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from gan.metrics.distances import MetricsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

SHIPPED = Path(__file__).with_name("classifier.safetensors")
FEATURES = 128
# channels in, channels out, kernel, stride, padding: 64×64 → 32 → 32 → 16 → 16 → 8 → 4
LAYERS = (
    (3, 32, 4, 2, 1),
    (32, 48, 3, 1, 1),
    (48, 96, 3, 2, 1),
    (96, 96, 3, 1, 1),
    (96, 128, 3, 2, 1),
    (128, 96, 3, 2, 1),
)
BATCH = 128


class AttributeNet(nn.Module):
    """Icons (B, 3, 64, 64) in -1…1 to features (B, 128) and logits for each attribute; ½ million parameters."""

    def __init__(self, attributes: Mapping[str, Sequence[str]]) -> None:
        super().__init__()
        trunk: list[nn.Module] = []
        for channels, out, k, stride, padding in LAYERS:
            trunk += [nn.Conv2d(channels, out, k, stride, padding, bias=False), nn.BatchNorm2d(out), nn.ReLU()]
        self.trunk = nn.Sequential(*trunk, nn.Flatten(), nn.Linear(4 * 4 * LAYERS[-1][1], FEATURES), nn.ReLU())
        self.heads = nn.ModuleList(nn.Linear(FEATURES, len(values)) for values in attributes.values())

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return (features (B, 128), [logits (B, values of the attribute)])."""
        features = self.trunk(x)
        return features, [head(features) for head in self.heads]


@dataclass(frozen=True)
class Sight:
    """The classifier's output for N icons."""

    features: NDArray[np.float64]  # (N, 128)
    labels: NDArray[np.int64]  # (N, attributes): the index of the most probable value
    confidence: NDArray[np.float64]  # (N, attributes): its probability, 0…1


class AttributeClassifier:
    """The trained network with its card: `attributes` (name to values), `combination` (counted together)."""

    def __init__(self, net: AttributeNet, card: Mapping[str, Any]) -> None:
        self.net = net.eval()
        self.card = dict(card)
        self.attributes: dict[str, list[str]] = {name: list(values) for name, values in card["attributes"].items()}
        self.combination: list[str] = list(card["combination"])

    @classmethod
    def load(cls, weights: Path = SHIPPED) -> AttributeClassifier:
        """Read the weights and the card beside them (same name, .json); MetricsError if they do not fit."""
        try:
            card = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
            net = AttributeNet(card["attributes"])
            net.load_state_dict({name: value.float() for name, value in load_file(weights).items()})
        except (OSError, KeyError, ValueError, RuntimeError, SafetensorError) as error:
            text = str(error).splitlines()[0]
            raise MetricsError(
                f"the attribute classifier {weights} cannot be used ({text}); "
                "restore it or make it again: python -m gan.metrics.train_classifier"
            ) from error
        return cls(net, card)

    @torch.inference_mode()
    def look(self, images: NDArray[np.uint8]) -> Sight:
        """Features, attribute values and confidence of icons uint8 (N, 64, 64, 3)."""
        features, labels, confidence = [], [], []
        for start in range(0, len(images), BATCH):
            seen, logits = self.net(as_input(images[start : start + BATCH]))
            best = [torch.softmax(row, dim=1).max(dim=1) for row in logits]
            features.append(seen)
            confidence.append(torch.stack([value for value, _ in best], dim=1))
            labels.append(torch.stack([index for _, index in best], dim=1))
        return Sight(
            torch.cat(features).double().numpy(), torch.cat(labels).numpy(), torch.cat(confidence).double().numpy()
        )

    @torch.inference_mode()
    def probabilities(self, images: NDArray[np.uint8]) -> dict[str, NDArray[np.float64]]:
        """Return the probability of each value of each attribute, (N, values), for icons uint8 (N, 64, 64, 3)."""
        _, logits = self.net(as_input(images))
        return {
            name: torch.softmax(row.double(), dim=1).numpy() for name, row in zip(self.attributes, logits, strict=True)
        }

    def combinations(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the columns of labels (N, attributes) that are counted together: (N, 7)."""
        names = list(self.attributes)
        return labels[:, [names.index(name) for name in self.combination]]


def as_input(images: NDArray[np.uint8]) -> Tensor:
    """Icons uint8 (N, 64, 64, 3) to float (N, 3, 64, 64) in -1…1, in channels-last format."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 127.5 - 1.0
