"""One model of one style on disk, its card as the bot uses it, and what may be wrong with a style."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gan.errors import MeliconError

if TYPE_CHECKING:
    from gan.checkpoint.model_card import ModelCard

LARGEST = 64 * 2**20  # bytes of weights that are imported


class StyleProblem(MeliconError):  # noqa: N818 - it is an answer to a person
    """Something is wrong with a style; `key` names the phrase for the person, `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"{key}: {values}")
        self.key = key
        self.values = values


@dataclass(frozen=True)
class StyleFile:
    """One model of one style on disk."""

    style: str
    path: Path  # .safetensors
    card: ModelCard  # whose style is the folder's name

    @property
    def model(self) -> str:
        """The first 8 hex digits of its hash."""
        return self.card.short_hash


def as_used(card: ModelCard, style: str) -> ModelCard:
    """Return a card as the bot uses it: under the folder's name, and silent about attributes that were not learnt."""
    return replace(card, style=style, attributes=card.attributes if card.labelled else [])


def as_built_in(card: ModelCard, style: str) -> ModelCard:
    """Return a card as the bot uses that of the model it comes with: all that it says holds."""
    return replace(card, style=style)
