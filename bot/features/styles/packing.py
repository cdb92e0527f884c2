"""A style as a zip of weights and card; `checker` unpacks it."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gan.checkpoint.model_card import ModelCard


def packed(style: str, weights: bytes, card: ModelCard) -> bytes:
    """Return a zip of a style's weights and card."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{style}.safetensors", weights)
        archive.writestr(f"{style}.json", card.to_json())
    return file.getvalue()
