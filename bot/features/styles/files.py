"""A model of a style on disk, the model card as used by the bot, and validation errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gan.errors import MeliconError

if TYPE_CHECKING:
    from gan.checkpoint.model_card import ModelCard

LARGEST = 64 * 2**20  # largest imported weights, in bytes


class StyleProblem(MeliconError):  # noqa: N818 - it is an answer to a person
    """A style is invalid; `key` and `values` give the message."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"{key}: {values}")
        self.key = key
        self.values = values


@dataclass(frozen=True)
class StyleFile:
    """A model of a style on disk."""

    style: str
    path: Path  # .safetensors
    card: ModelCard  # with the folder's name as its style

    @property
    def model(self) -> str:
        """The first 8 hex digits of its hash."""
        return self.card.short_hash


def as_used(card: ModelCard, style: str) -> ModelCard:
    """Return a trained model's card as used: with the folder's name, and without attributes it has not learnt."""
    return replace(card, style=style, attributes=card.attributes if card.labelled else [])


def as_built_in(card: ModelCard, style: str) -> ModelCard:
    """Return a built-in model's card as used: all it says is valid."""
    return replace(card, style=style)
