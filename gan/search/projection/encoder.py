"""Encoder: predicts from a latent, without drawing, how similar its icon is to a picture.

An encoder belongs to one model, whose hash its card names. It is meaningless for any other.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save as dump_tensors

from gan.atomic import write_together
from gan.checkpoint.weights import fit, read_tensors
from gan.errors import MeliconError
from gan.metrics.classifier import as_input
from gan.networks.skeleton import skeleton
from gan.search.projection.descriptors import CELLS, SIZE, clamp_colours, descriptors
from gan.search.projection.two_tower import FEATURES, TwoTowerEncoder

if TYPE_CHECKING:
    from gan.checkpoint.model_card import ModelCard

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).with_name("default.safetensors")  # for the default weights
FEATURE_WEIGHT = 16.0  # colour differences per unit of cosine distance
_LARGEST = 16 * 2**20  # bytes
_AT_A_TIME = 4096


@dataclass(frozen=True)
class Query:
    """An encoded picture."""

    descriptor: NDArray[np.float32]  # (SIZE,), clamped to the model's range
    direction: NDArray[np.float32]  # (FEATURES,)
    parts: NDArray[np.float32]  # (PARTS,), principal components of the descriptor
    rest: float  # squared norm of the remainder


class Encoder:
    """A two-tower encoder and the hash of its model."""

    def __init__(self, towers: TwoTowerEncoder, card: Mapping[str, Any]) -> None:
        self._towers = towers.eval().requires_grad_(requires_grad=False)
        self.card = dict(card)

    @classmethod
    def load(cls, path: Path) -> Encoder:
        """Read a `.safetensors` file and the card beside it. Raises `gan.errors.MeliconError`."""
        try:
            card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            with skeleton():
                towers = TwoTowerEncoder(int(card["z_dim"]), SIZE)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise MeliconError(f"{path} has no card that can be read: {error}") from error
        fit(towers, read_tensors(path, _LARGEST), str(path))
        return cls(towers.float(), card)

    def save(self, path: Path) -> None:
        """Write the weights in half precision, and the card beside them. Raises OSError."""
        tensors = {
            name: (value.half() if value.ndim >= 2 else value).contiguous()
            for name, value in self._towers.state_dict().items()
        }
        text = json.dumps(self.card, indent=2) + "\n"
        write_together({path: dump_tensors(tensors), path.with_suffix(".json"): text.encode()})

    def knows(self, card: ModelCard) -> bool:
        """Whether the encoder was trained for this model."""
        return bool(self.card.get("model") == card.hash and self.card.get("z_dim") == card.z_dim)

    @torch.inference_mode()
    def ask(self, picture: NDArray[np.uint8]) -> Query:
        """Encode a picture, uint8 RGB (64, 64, 3), averaged with its mirror image."""
        picture = clamp_colours(picture, *self._towers.grounds.numpy())
        both = self._towers.picture(as_input(np.stack([picture, picture[:, ::-1]])))
        descriptor = np.clip(descriptors(picture[None])[0], self._towers.low.numpy(), self._towers.high.numpy())
        centred = torch.from_numpy(descriptor) - self._towers.mean
        parts = centred @ self._towers.basis
        rest = float(centred.square().sum() - parts.square().sum())
        direction = torch.nn.functional.normalize(both.sum(dim=0), dim=0)
        return Query(descriptor, direction.numpy(), parts.numpy(), max(rest, 0.0))

    @torch.inference_mode()
    def place(self, points: NDArray[np.float64]) -> NDArray[np.float32]:
        """Embed latents, (N, z_dim): directions and predicted descriptors, float32 (N, FEATURES + PARTS)."""
        placed = []
        for start in range(0, len(points), _AT_A_TIME):
            direction, descriptor = self._towers.point(torch.from_numpy(points[start : start + _AT_A_TIME]).float())
            placed.append(torch.cat([direction, descriptor * self._towers.spread], dim=1).numpy())
        return np.concatenate(placed)

    @staticmethod
    def descriptor_distance(query: Query, placed: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return the predicted distances of embedded latents from the picture, (N,), in colour differences."""
        placed = placed.astype(np.float32)
        squared = np.square(placed[:, FEATURES:] - query.parts).sum(axis=1) + query.rest
        angles = 1 - placed[:, :FEATURES] @ query.direction
        distance: NDArray[np.float32] = np.sqrt(squared / CELLS) + FEATURE_WEIGHT * angles
        return distance

    @torch.inference_mode()
    def feature_distance(self, query: Query, icons: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the feature distances of icons, (N, 64, 64, 3), from the picture, (N,), in colour differences."""
        seen = self._towers.picture(as_input(icons)).numpy()
        angles: NDArray[np.float32] = 1 - seen @ query.direction
        return FEATURE_WEIGHT * angles


def load_encoder(path: Path, card: ModelCard) -> Encoder | None:
    """Return the encoder at `path` if it is sound and belongs to the model of `card`; else None, and log why."""
    if not path.exists():
        return None
    try:
        encoder = Encoder.load(path)
    except MeliconError as error:
        log.warning("the encoder cannot be used: %s", error)
        return None
    if not encoder.knows(card):
        known = str(encoder.card.get("model"))[:8]
        log.warning("the encoder %s knows the model %s, not %s of %s", path, known, card.short_hash, card.style)
        return None
    return encoder
