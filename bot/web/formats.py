"""An icon in the formats that a browser takes."""

from __future__ import annotations

import asyncio
import io
from enum import StrEnum

from bot.inference import Studio
from gan.codes import IconCode
from gan.errors import MeliconError


class Format(StrEnum):
    """The formats by their names' ending."""

    PNG = "png"
    WEBP = "webp"
    SVG = "svg"

    @property
    def content_type(self) -> str:
        """The media type."""
        return "image/svg+xml" if self is Format.SVG else f"image/{self}"


class NoVector(MeliconError):  # noqa: N818 - says what is the matter
    """There is no drawing of the icon in vectors."""


async def encoded(png: bytes, wanted: Format) -> bytes:
    """Return a picture in another format with the same pixels."""
    return png if wanted is Format.PNG else await asyncio.to_thread(_webp, png)


async def vector(studio: Studio, pinned: IconCode) -> bytes:
    """Return the house artist's own drawing of what the code's latent chooses, as SVG.

    The generator's picture is an interpretation of the same choices. Raises `NoVector` for a style that the artist has
    not drawn.
    """
    sampler = studio.sampler_for(pinned)
    return await asyncio.to_thread(lambda: _vector(sampler.describe(pinned), sampler.card.style))


def _webp(png: bytes) -> bytes:
    from PIL import Image  # noqa: PLC0415 - imported when first needed

    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.save(out, "WEBP", lossless=True, quality=60, method=2)
    return out.getvalue()


def _vector(chosen: dict[str, str], style: str) -> bytes:
    from gan import artist  # noqa: PLC0415 - imports the drawings
    from gan.artist.balanced_samples import shown_for  # noqa: PLC0415
    from gan.artist.painting import compose  # noqa: PLC0415

    if set(chosen) != set(artist.ATTRIBUTES) or any(value not in artist.ATTRIBUTES[k] for k, value in chosen.items()):
        raise NoVector(f"the style {style} was learnt from pictures: there is no SVG of it, ask for PNG or WebP")
    drawing_style = artist.load_style(artist.HOUSE)
    return compose(shown_for(chosen, drawing_style), drawing_style).encode()
