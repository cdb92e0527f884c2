"""➕ Adds an icon to the server as an emoji or a sticker."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

import discord
from discord import ui

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.features.icons.download_files import KINDS, make_file
from bot.i18n.alt_text import alt_text
from bot.ui.code_keys import CODE, load_code
from bot.ui.persistent_items import PersistentItem
from bot.ui.posting import defer

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words
    from bot.inference import Drawing

UPLOADED = {"emoji": "emoji", "sticker": "sticker", "blinking": "sticker"}  # kinds of file, and what they become
_EMOJI_NAME, _STICKER_NAME = 32, 30  # characters
_STICKER_TAG = "🙂"  # suggests the sticker
_STICKER_TEXT = 100  # characters of a description
_FULL = {30008, 30039}  # Discord's codes: the maximum number of emojis, of stickers
_PATIENCE = 30.0  # seconds; the library would wait out Discord's rate limit, which may last an hour


def may_add(interaction: discord.Interaction[MeliconBot]) -> bool:
    """Whether the user may add emojis and stickers where they are, and the bot is a member there."""
    return _server(interaction) is not None and _allows(interaction.permissions)


class Add(PersistentItem, template=rf"mel:v1:add:(?P<kind>emoji|sticker|blinking):{CODE}"):
    """➕ Adds the icon to the server."""

    cost = SMALL

    def __init__(self, kind: str, key: str, words: Words | None = None) -> None:
        self.kind, self.key = kind, key
        label = words("add.button") if words is not None else None
        super().__init__(ui.Button(emoji="➕", label=label, custom_id=f"mel:v1:add:{kind}:{key}"))

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the button from its custom id."""
        return cls(values["kind"] or "", values["code"] or "")

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Defer the reply."""
        await defer(interaction, private=True)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Add the icon, or say which permission or slot is missing."""
        bot = interaction.client
        words = bot.words(interaction)
        guild = _server(interaction)
        if guild is None:
            raise Refusal("add.server")
        if not _allows(interaction.permissions):
            raise Refusal("add.user")
        if not _allows(interaction.app_permissions):
            raise Refusal("add.bot")
        code = await load_code(bot.store, self.key)
        drawing, png = await make_file(bot, code, KINDS[self.kind], interaction.user.id)
        what = UPLOADED[self.kind]
        create = _emoji if what == "emoji" else _sticker
        try:
            async with asyncio.timeout(_PATIENCE):
                name = await create(guild, drawing, png, words)
        except TimeoutError:
            raise Refusal("add.later") from None
        except discord.Forbidden:
            raise Refusal("add.bot") from None
        except discord.HTTPException as error:
            if error.code not in _FULL:
                raise
            limit = guild.emoji_limit if what == "emoji" else guild.sticker_limit
            raise Refusal(f"add.full.{what}", limit=limit) from None
        await interaction.followup.send(words(f"add.done.{what}", name=name), ephemeral=True)


async def _emoji(guild: discord.Guild, drawing: Drawing, png: bytes, words: Words) -> str:  # noqa: ARG001 - as `_sticker`
    """Create an emoji; return it as it is written in a message."""
    name = re.sub(r"\W", "_", f"{drawing.style}_{drawing.code.filename}", flags=re.ASCII)[:_EMOJI_NAME]
    emoji = await guild.create_custom_emoji(name=name, image=png)
    return f"{emoji} `:{emoji.name}:`"


async def _sticker(guild: discord.Guild, drawing: Drawing, png: bytes, words: Words) -> str:
    """Create a sticker; return its name."""
    sticker = await guild.create_sticker(
        name=f"{drawing.style} {drawing.code.filename}"[:_STICKER_NAME],
        description=alt_text(drawing, words)[:_STICKER_TEXT],
        emoji=_STICKER_TAG,
        file=discord.File(io.BytesIO(png), drawing.filename),
    )
    return f"`{sticker.name}`"


def _server(interaction: discord.Interaction[MeliconBot]) -> discord.Guild | None:
    """The server, if the bot is a member of it and not only installed by the user."""
    return interaction.client.get_guild(interaction.guild_id) if interaction.guild_id else None


def _allows(permissions: discord.Permissions) -> bool:
    return permissions.create_expressions or permissions.manage_expressions
