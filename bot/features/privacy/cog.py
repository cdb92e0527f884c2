"""`/my-data` and `/forget-me`: export and deletion of a user's data."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.features.privacy.buttons import Forget
from bot.ui.contexts import everywhere
from bot.ui.persistent_items import Buttons
from bot.ui.posting import defer

if TYPE_CHECKING:
    from bot.client import MeliconBot


class Privacy(commands.Cog):
    """The user's own data."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(
        name=locale_str("my-data", key="command.my-data.name"),
        description=locale_str("Download all data stored about you", key="command.my-data.description"),
    )
    @everywhere
    async def my_data(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Send the user's rows as JSON, privately."""
        await defer(interaction, private=True)
        data = await self.bot.store.personal_data.of_user(interaction.user.id)
        text = await asyncio.to_thread(_as_json, {"user_id": str(interaction.user.id), **data})
        name = "melicon-my-data.json"
        if len(text) > interaction.filesize_limit:
            name, text = "melicon-my-data.zip", await asyncio.to_thread(_zipped, name, text)
        if len(text) > interaction.filesize_limit:
            raise Refusal("draw.too_big")
        file = discord.File(io.BytesIO(text), name)
        await interaction.followup.send(self.bot.words(interaction)("data.here"), file=file, ephemeral=True)

    @app_commands.command(
        name=locale_str("forget-me", key="command.forget-me.name"),
        description=locale_str("Delete all data stored about you", key="command.forget-me.description"),
        extras={"cost": SMALL},
    )
    @everywhere
    async def forget_me(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Ask for confirmation, privately."""
        words = self.bot.words(interaction)
        await interaction.response.send_message(
            words("forget.ask"), view=Buttons(Forget(words("button.forget"))), ephemeral=True
        )


def _as_json(data: Mapping[str, Any]) -> bytes:
    """Return rows as readable JSON; pictures in base64."""
    return json.dumps(data, indent=2, ensure_ascii=False).encode()


def _zipped(name: str, data: bytes) -> bytes:
    """Return a zip of one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()
