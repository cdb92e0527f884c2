"""`/like-me` and "Make an icon of this": the icons nearest to an avatar or picture."""

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
from bot.inference.encoders import Encoders
from bot.ui.attachments import attachments_of, pictures_among
from bot.ui.contexts import everywhere
from bot.ui.posting import defer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bot.client import MeliconBot

    Interaction = discord.Interaction[MeliconBot]

_MENU = locale_str("Make an icon of this", key="menu.like.name")


class Resembling(commands.Cog):
    """Projection: finding icons that resemble a picture."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot
        self._menus = (
            app_commands.ContextMenu(name=_MENU, callback=self._of_message),
            app_commands.ContextMenu(name=_MENU, callback=self._of_user),
        )

    async def cog_load(self) -> None:
        """Register the context menus, which cogs do not support."""
        for menu in self._menus:
            self.bot.tree.add_command(everywhere(menu), override=True)

    async def cog_unload(self) -> None:
        """Remove the context menus."""
        for menu in self._menus:
            self.bot.tree.remove_command(menu.name, type=menu.type)

    @app_commands.command(
        name=locale_str("like-me", key="command.like-me.name"),
        description=locale_str(
            "Find the icons that look most like you or a picture", key="command.like-me.description"
        ),
    )
    @app_commands.rename(
        image=locale_str("image", key="command.like-me.image.name"),
        user=locale_str("user", key="command.like-me.user.name"),
    )
    @app_commands.describe(
        image=locale_str("A picture; your avatar if left out", key="command.like-me.image.description"),
        user=locale_str("Whose avatar, if not your own", key="command.like-me.user.description"),
    )
    @everywhere
    async def like_me(
        self, interaction: Interaction, image: discord.Attachment | None = None, user: discord.User | None = None
    ) -> None:
        """Post the three icons nearest to a picture or avatar, with a menu to pick one."""
        if image is not None:
            await self._like_picture(interaction, image)
        else:
            await self._like_user(interaction, user or interaction.user)

    async def _of_message(self, interaction: Interaction, message: discord.Message) -> None:
        images = pictures_among(attachments_of(message))
        if not images:
            raise Refusal("like.nothing")
        await self._like_picture(interaction, images[0])

    async def _of_user(self, interaction: Interaction, user: discord.User) -> None:
        await self._like_user(interaction, user)

    async def _like_picture(self, interaction: Interaction, image: discord.Attachment) -> None:
        words = self.bot.words(interaction)
        check(image, words)
        await defer(interaction)
        picture = await self.bot.service(Pictures).attached(image, words)
        words = self.bot.words(interaction)  # deferred: now perhaps the server's
        await self._post(interaction, picture, words("like.caption.picture", count=ICONS))

    async def _like_user(self, interaction: Interaction, user: discord.User | discord.Member) -> None:
        await defer(interaction)
        words = self.bot.words(interaction)
        picture = await self.bot.service(Pictures).avatar(user, words)
        await self._post(interaction, picture, words("like.caption.user", user=user.mention, count=ICONS))

    async def _post(self, interaction: Interaction, picture: NDArray[np.uint8], text: str) -> None:
        """Search, and reply with the picture beside the results."""
        bot = self.bot
        keeper, encoders = bot.service(StyleKeeper), bot.service(Encoders)
        owner = interaction.user.id
        sheet = await lookalike_sheet(bot.studio, keeper, bot.settings.weights, encoders, picture, owner=owner)
        words = self.bot.words(interaction)
        await send_sheet(interaction, sheet, text, words("like.alt", count=ICONS))
