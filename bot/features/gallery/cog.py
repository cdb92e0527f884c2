"""`/gallery` and `/top`: the favourites of a user and of a server."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.errors import Refusal
from bot.features.gallery.buttons import gallery_page
from bot.features.gallery.hiding import TOP, HideButton
from bot.features.icons.deleting import Delete
from bot.features.sheets.buttons import Pick
from bot.ui.code_keys import store_code
from bot.ui.contexts import everywhere
from bot.ui.persistent_items import Buttons
from bot.ui.posting import defer
from bot.ui.server import server_of
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot


class Gallery(commands.Cog):
    """Favourites."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(
        name=locale_str("gallery", key="command.gallery.name"),
        description=locale_str("Your favourite icons, or somebody else’s", key="command.gallery.description"),
    )
    @app_commands.rename(someone=locale_str("of", key="command.gallery.of.name"))
    @app_commands.describe(someone=locale_str("Whose favourites, if not yours", key="command.gallery.of.description"))
    @everywhere
    async def gallery(self, interaction: discord.Interaction[MeliconBot], someone: discord.User | None = None) -> None:
        """Show the first page privately."""
        await defer(interaction, private=True)
        text, picture, view = await gallery_page(interaction, (someone or interaction.user).id, 0)
        if picture is None or view is None:
            await interaction.followup.send(text, ephemeral=True)
        else:
            await interaction.followup.send(text, file=picture, view=view, ephemeral=True)

    @app_commands.command(
        name=locale_str("top", key="command.top.name"),
        description=locale_str("The most popular icons of this server", key="command.top.description"),
    )
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    async def top(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Post the server's nine most popular favourites with a menu to pick one."""
        best = await self.bot.store.favourites.top(interaction.guild_id or 0, limit=TOP)
        if not best and not await self.bot.store.hidden_icons.count(interaction.guild_id or 0):
            raise Refusal("top.empty")
        await defer(interaction)
        words, server = self.bot.words(interaction), await server_of(interaction)
        if not best:
            await interaction.followup.send(words("top.all_hidden"), view=Buttons(HideButton(words("button.hide"))))
            return
        codes = [IconCode.parse(icon.code).pinned(icon.style, icon.model) for icon, _ in best]
        labels = [server.shown(code) for code in codes]
        keys = [await store_code(self.bot.store, code) for code in codes]
        lines = [
            f"{n}. `{label}` ⭐ {people}" for n, (label, (_, people)) in enumerate(zip(labels, best, strict=True), 1)
        ]
        picture = discord.File(
            io.BytesIO(await self.bot.studio.lay_out([icon.picture for icon, _ in best])),
            "melicon-top.png",
            description=words("sheet.alt", count=len(best)),
        )
        view = Buttons(
            Pick(list(zip(labels, keys, strict=True)), words),
            HideButton(words("button.hide")),
            Delete(interaction.user.id, words("button.delete")),
        )
        # nine codes of maximum length would exceed a message
        text = "\n".join([words("top.caption"), *lines])[:2000]
        await interaction.followup.send(text, file=picture, view=view)
