"""`/code` and "Which icon is this?": the icon code of a picture, or the most similar icons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.errors import Refusal
from bot.features.lookalike.pictures import Pictures, check
from bot.features.lookalike.service import ICONS, lookalike_sheet
from bot.features.sheets.buttons import send_sheet
from bot.features.styles import StyleKeeper
from bot.inference import DrawError
from bot.inference.encoders import Encoders
from bot.ui.attachments import attachments_of, pictures_among
from bot.ui.contexts import everywhere
from bot.ui.posting import defer_ephemeral, post_icon
from bot.ui.server import server_of
from gan.codes import IconCode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bot.client import MeliconBot

    Interaction = discord.Interaction[MeliconBot]

_MENU = locale_str("Which icon is this?", key="menu.which.name")


class Identifying(commands.Cog):
    """Finding out which icon a picture shows. Only the user who asks sees the answer."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot
        self._menu = app_commands.ContextMenu(name=_MENU, callback=self._of_message)

    async def cog_load(self) -> None:
        """Register the context menu, which cogs do not support."""
        self.bot.tree.add_command(everywhere(self._menu), override=True)

    async def cog_unload(self) -> None:
        """Remove the context menu."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(
        name=locale_str("code", key="command.code.name"),
        description=locale_str("Find out which icon a picture shows", key="command.code.description"),
    )
    @app_commands.rename(image=locale_str("image", key="command.code.image.name"))
    @app_commands.describe(
        image=locale_str("A picture that was saved from the bot, or any other", key="command.code.image.description")
    )
    @everywhere
    async def code(self, interaction: Interaction, image: discord.Attachment) -> None:
        """Show the icon of a picture."""
        await self._identify(interaction, image)

    async def _of_message(self, interaction: Interaction, message: discord.Message) -> None:
        images = pictures_among(attachments_of(message))
        if not images:
            raise Refusal("like.nothing")
        await self._identify(interaction, images[0])

    async def _identify(self, interaction: Interaction, image: discord.Attachment) -> None:
        words = self.bot.words(interaction)
        check(image, words)
        await defer_ephemeral(interaction)
        found = await self.bot.service(Pictures).code_or_picture(image, words)
        if isinstance(found, IconCode):
            await self._show(interaction, found)
        else:
            await self._compare(interaction, found)

    async def _show(self, interaction: Interaction, code: IconCode) -> None:
        """Draw the icon of a code that a file contained, which may be from another bot."""
        try:
            known = (await server_of(interaction)).unpin(code)
        except DrawError:
            raise Refusal("which.elsewhere", code=str(code)) from None
        await post_icon(interaction, known, asked=str(known))

    async def _compare(self, interaction: Interaction, picture: NDArray[np.uint8]) -> None:
        """Show the icons that are most similar to a picture without a code."""
        bot, words = self.bot, self.bot.words(interaction)
        sheet = await lookalike_sheet(
            bot.studio,
            bot.service(StyleKeeper),
            bot.settings.weights,
            bot.service(Encoders),
            picture,
            owner=interaction.user.id,
        )
        await send_sheet(interaction, sheet, words("which.similar", count=ICONS), words("like.alt", count=ICONS))
