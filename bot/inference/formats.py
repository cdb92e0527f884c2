"""Encodes an icon as WebP, SVG or animated PNG. At most one is encoded at a time, because anyone may request them."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from cachetools import LRUCache

from gan.errors import MeliconError

if TYPE_CHECKING:
    from bot.inference.drawings import Drawing, Sampler
    from gan.codes import IconCode

_CACHE = 16 * 2**20  # bytes of WebP
_OPEN, _CLOSED = 2600, 160  # milliseconds of a blinking icon's two frames


class Format(StrEnum):
    """A format, by its file extension."""

    PNG = "png"
    WEBP = "webp"
    SVG = "svg"

    @property
    def content_type(self) -> str:
        """The media type."""
        return "image/svg+xml" if self is Format.SVG else f"image/{self}"


class NoVector(MeliconError):  # noqa: N818 - not an error of the program
    """The icon has no SVG."""


class FormatConverter:
    """Encodes icons in a thread."""

    def __init__(self) -> None:
        self.waiting = 0  # icons being encoded or waiting
        self._lock = asyncio.Lock()
        self._cache: LRUCache[tuple[IconCode, int, bool], bytes] = LRUCache(_CACHE, getsizeof=len)

    async def webp(self, drawing: Drawing, *, round: bool) -> bytes:  # noqa: A002 - as in `Studio.draw`
        """Return a drawing as lossless WebP."""
        key = (drawing.pinned, drawing.size, round)
        if (cached := self._cache.get(key)) is not None:
            return cached
        data = await self._encode(lambda: _webp(drawing.png))
        with contextlib.suppress(ValueError):  # larger than the whole cache
            self._cache[key] = data
        return data

    async def blinking(self, drawing: Drawing, closed: Drawing) -> bytes:
        """Return an animated PNG of an icon and of the same one with closed eyes, in a loop."""
        return await self._encode(lambda: _animated(drawing.png, closed.png))

    async def svg(self, sampler: Sampler, code: IconCode) -> bytes:
        """Return the house artist's drawing of the attributes that a code requests.

        The generator's picture interprets the same attributes. Raises `NoVector` for a style without the artist's
        attributes.
        """
        return await self._encode(lambda: _svg(sampler.describe(code), sampler.card.style))

    async def _encode(self, work: Callable[[], bytes]) -> bytes:
        self.waiting += 1
        try:
            async with self._lock:
                return await asyncio.to_thread(work)
        finally:
            self.waiting -= 1


def _webp(png: bytes) -> bytes:
    from PIL import Image  # noqa: PLC0415 - not needed for PNG

    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.save(out, "WEBP", lossless=True, quality=60, method=2)
    return out.getvalue()


def _animated(shown: bytes, closed: bytes) -> bytes:
    from PIL import Image, PngImagePlugin  # noqa: PLC0415 - not needed for PNG

    out, texts = io.BytesIO(), PngImagePlugin.PngInfo()
    with Image.open(io.BytesIO(shown)) as first, Image.open(io.BytesIO(closed)) as second:
        for name, text in first.info.items():
            if isinstance(name, str) and isinstance(text, str):  # the code, style and model
                texts.add_text(name, text)
        times = [_OPEN, _CLOSED]
        first.save(out, "PNG", save_all=True, append_images=[second], duration=times, loop=0, pnginfo=texts)
    return out.getvalue()


def _svg(attributes: Mapping[str, str], style: str) -> bytes:
    from gan import artist  # noqa: PLC0415 - reads the artist's parts

    known = artist.ATTRIBUTES
    if attributes.keys() != known.keys() or any(value not in known[name] for name, value in attributes.items()):
        raise NoVector(f"the style {style} was trained on pictures, so it has no SVG: request PNG or WebP")
    return artist.svg_conditions(attributes).encode()
