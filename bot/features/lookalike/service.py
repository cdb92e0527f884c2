"""`/like-me` without Discord."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from bot.features.styles import StyleKeeper
    from bot.inference import Sheet, Studio
    from bot.inference.encoders import Encoders

ICONS = 3  # icons offered


async def lookalike_sheet(
    studio: Studio,
    keeper: StyleKeeper,
    weights: Path,
    encoders: Encoders,
    picture: NDArray[np.uint8],
    *,
    owner: Hashable,
) -> Sheet:
    """Return a sheet with `picture`, (64, 64, 3), and the most similar icons of the style in use.

    `weights` are those of the built-in model. Raises DrawError.
    """
    card = studio.in_use.card
    file = keeper.find(card.style, card.short_hash)
    encoder = await encoders.get(card, file.path if file else weights)
    codes = await studio.resemble(picture, encoder, count=ICONS, owner=owner)
    return await studio.sheet(codes, owner=owner, first=picture)
