"""Downloads a picture and decodes it in a confined subprocess. Nothing is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.errors import Refusal
from bot.features.retrain.intake import Reader
from bot.ui.reasons import reason_in
from bot.ui.text import quoted
from gan.codes import IconCode
from gan.dataset.reasons import Reason
from gan.rendering import read_code

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bot.i18n import Words

MOST = 32 * 2**20  # bytes of a file; photos have about a tenth
PIXELS = 16_000_000  # a picture's pixels; phone photos have 12 megapixels
MEMORY = 640 * 2**20  # bytes for decoding; the worst case, JPEG 2000 with alpha, maps 570 MiB
FETCHING, DECODING = 15.0, 20.0  # seconds; decoding has low priority
_AVATAR = 256  # pixels a side


class Pictures:
    """Downloads and decodes one picture at a time, to bound memory."""

    def __init__(self) -> None:
        self._room = asyncio.Lock()

    async def attached(self, attachment: discord.Attachment, words: Words) -> NDArray[np.uint8]:
        """Return an attachment as uint8 RGB (64, 64, 3). Raises `Refusal` with the reason."""
        check(attachment, words)
        return await self.look_at(attachment.filename, attachment.read, words)

    async def avatar(self, user: discord.User | discord.Member, words: Words) -> NDArray[np.uint8]:
        """Return a user's avatar, preferring the server's, as uint8 RGB (64, 64, 3); raises `Refusal`."""
        asset = user.display_avatar.replace(size=_AVATAR, format="png")
        return await self.look_at(f"{user.name}.png", asset.read, words)

    async def look_at(self, name: str, download: Callable[[], Awaitable[bytes]], words: Words) -> NDArray[np.uint8]:
        """Return what `download` fetches as uint8 RGB (64, 64, 3). Raises `Refusal` that says what is wrong with it."""
        async with self._room:
            return await _decoded(name, await _fetched(name, download, words), words)

    async def code_or_picture(self, attachment: discord.Attachment, words: Words) -> IconCode | NDArray[np.uint8]:
        """Return the icon code that an attachment contains, otherwise its picture (64, 64, 3); raises `Refusal`."""
        check(attachment, words)
        name = attachment.filename
        async with self._room:
            data = await _fetched(name, attachment.read, words)
            code = await asyncio.to_thread(read_code, data)
            return IconCode.parse(code) if code is not None else await _decoded(name, data, words)


async def _fetched(name: str, download: Callable[[], Awaitable[bytes]], words: Words) -> bytes:
    try:
        async with asyncio.timeout(FETCHING):
            return await download()
    except (discord.DiscordException, aiohttp.ClientError, OSError, ValueError) as error:
        # a timeout is an OSError, an invalid URL a ValueError
        raise refused(words, name, Reason("lost", detail=type(error).__name__)) from error


async def _decoded(name: str, data: bytes, words: Words) -> NDArray[np.uint8]:
    if data.startswith(b"PK"):
        raise refused(words, name, Reason("none"))
    async with Reader(memory=MEMORY, pixels=PIXELS) as reader:
        taken, reason = await reader.read(name, data, DECODING)
    reasons = [why for _, why in taken.refused] + ([reason] if reason else [])
    if reasons or not taken.pictures:
        raise refused(words, name, reasons[0] if reasons else Reason("none"))
    return taken.pictures[0]


def check(attachment: discord.Attachment, words: Words) -> None:
    """Raise `Refusal` for what can be rejected before the download."""
    if attachment.size > MOST:
        raise refused(words, attachment.filename, Reason("heavy", most=MOST >> 20))


def refused(words: Words, name: str, reason: str) -> Refusal:
    """Return the refusal of a picture for the reader's reason."""
    return Refusal("like.refused", name=quoted(name), reason=reason_in(words, reason))
