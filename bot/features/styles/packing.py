"""A style in one zip of two files, weights and card, as it is exported; `checker` takes it apart again."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gan.checkpoint.model_card import ModelCard


def packed(style: str, weights: bytes, card: ModelCard) -> bytes:
    """Return a zip with the weights and the card of a style."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{style}.safetensors", weights)
        archive.writestr(f"{style}.json", card.to_json())
    return file.getvalue()
