"""A picture from the chat, to be looked at once: fetched, and decoded in a process that can do no harm.

Nothing of it is kept.
"""

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

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bot.i18n import Words

MOST = 32 * 2**20  # bytes of a file; a photo has a tenth of that
PIXELS = 16_000_000  # of a picture; the 12 megapixels of a usual phone pass
MEMORY = 640 * 2**20  # bytes for its decoding; the worst format, JPEG 2000 with transparency, maps 570 MiB
FETCHING, DECODING = 15.0, 20.0  # seconds at most; the decoder gives way to all that draws
_AVATAR = 256  # pixels a side


class Pictures:
    """Fetches and decodes one at a time: everybody may ask, and the memory is to hold it however many do."""

    def __init__(self) -> None:
        self._room = asyncio.Lock()

    async def attached(self, attachment: discord.Attachment, words: Words) -> NDArray[np.uint8]:
        """Return what is attached as uint8 RGB (64, 64, 3). Raises `Refusal` that says what is wrong with it."""
        check(attachment, words)
        return await self.look_at(attachment.filename, attachment.read, words)

    async def avatar(self, user: discord.User | discord.Member, words: Words) -> NDArray[np.uint8]:
        """Return a user's avatar as uint8 RGB (64, 64, 3), the one of the server if there is one; raises `Refusal`."""
        asset = user.display_avatar.replace(size=_AVATAR, format="png")
        return await self.look_at(f"{user.name}.png", asset.read, words)

    async def look_at(self, name: str, download: Callable[[], Awaitable[bytes]], words: Words) -> NDArray[np.uint8]:
        """Return what `download` fetches as uint8 RGB (64, 64, 3). Raises `Refusal` that says what is wrong with it."""
        async with self._room:
            try:
                async with asyncio.timeout(FETCHING):
                    data = await download()
            except (discord.DiscordException, aiohttp.ClientError, OSError, ValueError) as error:
                # a time-out is an OSError, an address that is none a ValueError
                raise refused(words, name, f"could not be downloaded ({type(error).__name__})") from error
            if data.startswith(b"PK"):
                raise refused(words, name, "not a picture that can be read")
            async with Reader(memory=MEMORY, pixels=PIXELS) as reader:
                taken, reason = await reader.read(name, data, DECODING)
        reasons = [why for _, why in taken.refused] + ([reason] if reason else [])
        if reasons or not taken.pictures:
            raise refused(words, name, reasons[0] if reasons else "not a picture that can be read")
        return taken.pictures[0]


def check(attachment: discord.Attachment, words: Words) -> None:
    """Raise `Refusal` for what can be seen not to do before it is fetched."""
    if attachment.size > MOST:
        raise refused(words, attachment.filename, f"larger than {MOST >> 20} MiB")


def refused(words: Words, name: str, reason: str) -> Refusal:
    """Return how to turn down a picture, for a reason as the reader gives them."""
    return Refusal("like.refused", name=quoted(name), reason=reason_in(words, reason))
