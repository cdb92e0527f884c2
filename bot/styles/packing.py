"""A style in one zip of two files, weights and card, as it is exported and imported."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.styles.files import StyleProblem

if TYPE_CHECKING:
    from gan.model_card import ModelCard

_LARGEST = 64 * 2**20  # bytes of weights that are imported
_LARGEST_CARD = 2**20


def packed(style: str, weights: bytes, card: ModelCard) -> bytes:
    """Return a zip with the weights and the card of a style."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{style}.safetensors", weights)
        archive.writestr(f"{style}.json", card.to_json())
    return file.getvalue()


def unpacked(files: Sequence[tuple[str, bytes]]) -> tuple[bytes, bytes]:
    """Return weights and card out of a zip or two files. Raises StyleProblem."""
    found: dict[str, bytes] = {}
    for name, data in files:
        if not data.startswith(b"PK"):
            found[Path(name).suffix.lower()] = data
            continue
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for entry in archive.infolist()[:4]:
                    suffix = Path(entry.filename).suffix.lower()
                    most = _LARGEST if suffix == ".safetensors" else _LARGEST_CARD
                    with archive.open(entry) as file:
                        found[suffix] = file.read(most + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
            raise StyleProblem("style.import.broken", reason=str(error)[:200]) from error
    weights, card = found.get(".safetensors"), found.get(".json")
    if weights is None or card is None:
        raise StyleProblem("style.import.parts")
    if len(weights) > _LARGEST or len(card) > _LARGEST_CARD:
        raise StyleProblem("style.import.big", most=_LARGEST // 2**20)
    return weights, card
