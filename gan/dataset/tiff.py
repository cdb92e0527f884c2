"""Support for TIFFs with planar configuration, where Pillow needs help."""

from __future__ import annotations

from PIL import Image, ImageFile

from gan.dataset.limits import Refusal
from gan.dataset.reasons import Reason

_BITS_PER_SAMPLE, _PLANAR_CONFIGURATION = 258, 284


def prepare_planes(image: ImageFile.ImageFile) -> bool:
    """Make a planar TIFF that is not decoded yet decodable; return whether its colours are premultiplied by alpha.

    Other pictures are left alone. Raises Refusal for planes that Pillow would misread: those of 16 bits, and grey with
    alpha.
    """
    if image.format != "TIFF" or image.tag_v2.get(_PLANAR_CONFIGURATION, 1) != 2:  # type: ignore[attr-defined]
        return False
    raw = any(tile.codec_name == "raw" for tile in image.tile)
    deep = max(image.tag_v2.get(_BITS_PER_SAMPLE, (1,))) > 8  # type: ignore[attr-defined]
    if image.mode in ("LA", "La", "PA") or (raw and deep):
        raise Refusal(Reason("kind", kind="planar TIFF"))
    premultiplied = [isinstance(tile.args, tuple) and tile.args[0] == "a" for tile in image.tile]
    image.tile = [
        tile._replace(args=("A", *tile.args[1:])) if marked and isinstance(tile.args, tuple) else tile
        for tile, marked in zip(image.tile, premultiplied, strict=True)
    ]
    return any(premultiplied)


def without_premultiplication(image: Image.Image) -> Image.Image:
    """Return a decoded image with premultiplied alpha undone."""
    return Image.frombytes("RGBa", image.size, image.tobytes()).convert("RGBA")
