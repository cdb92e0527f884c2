"""`/grid`, `/mix`, `/me` and `/name`: other ways to an icon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.buttons.sheets import post_sheet
from bot.cogs.everywhere import everywhere
from bot.posting import accept, post_icon
from bot.reading import mixed, read, refusal, suggest
from gan.codes import CodeError, IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot


class Playing(commands.Cog):
    """Choosing from many, mixing, and icons of people and names."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(
        name=locale_str("grid", key="command.grid.name"),
        description=locale_str("Draw many new icons at once, and pick one", key="command.grid.description"),
    )
    @app_commands.rename(count=locale_str("count", key="command.grid.count.name"))
    @app_commands.describe(count=locale_str("How many, from 4 to 25", key="command.grid.count.description"))
    @everywhere
    async def grid(
        self, interaction: discord.Interaction[MeliconBot], count: app_commands.Range[int, 4, 25] = 9
    ) -> None:
        """Post a sheet of `count` icons that nobody can foresee."""
        with self.bot.work():
            await accept(interaction)
            words = self.bot.words(interaction)
            codes = [IconCode.random() for _ in range(count)]
            await post_sheet(interaction, codes, words("grid.caption", count=count))

    @app_commands.command(
        name=locale_str("mix", key="command.mix.name"),
        description=locale_str("Mix two icons", key="command.mix.description"),
    )
    @app_commands.rename(
        a=locale_str("a", key="command.mix.a.name"),
        b=locale_str("b", key="command.mix.b.name"),
        amount=locale_str("amount", key="command.mix.amount.name"),
    )
    @app_commands.describe(
        a=locale_str("One icon: a number, a word or an icon code", key="command.mix.a.description"),
        b=locale_str("The other: a number, a word or an icon code", key="command.mix.b.description"),
        amount=locale_str("How much of the other, in percent; half if left out", key="command.mix.amount.description"),
    )
    @everywhere
    async def mix(
        self,
        interaction: discord.Interaction[MeliconBot],
        a: str,
        b: str,
        amount: app_commands.Range[int, 0, 100] = 50,
    ) -> None:
        """Post the icon `amount` percent of the way from `a` to `b`."""
        with self.bot.work():
            code = mixed(self.bot, read(self.bot, a), read(self.bot, b), amount)
            await accept(interaction)
            await post_icon(interaction, code, asked=str(code))

    @mix.autocomplete("a")
    @mix.autocomplete("b")
    async def _recent(self, interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
        """Offer the caller's own recent icons."""
        return await suggest(interaction, typed)

    @app_commands.command(
        name=locale_str("me", key="command.me.name"),
        description=locale_str("Your own icon, always the same; or a friend’s", key="command.me.description"),
    )
    @app_commands.rename(friend=locale_str("for", key="command.me.for.name"))
    @app_commands.describe(friend=locale_str("Whose icon, if not your own", key="command.me.for.description"))
    @everywhere
    async def me(self, interaction: discord.Interaction[MeliconBot], friend: discord.User | None = None) -> None:
        """Post the icon that belongs to a user's id."""
        with self.bot.work():
            await accept(interaction)
            user = friend or interaction.user
            await post_icon(interaction, icon_of(user.id), title=user.mention)

    @app_commands.command(
        name=locale_str("name", key="command.name.name"),
        description=locale_str("The icon of a name or any text, even of a number", key="command.name.description"),
    )
    @app_commands.rename(text=locale_str("text", key="command.name.text.name"))
    @app_commands.describe(
        text=locale_str("The name; capitals make no difference", key="command.name.text.description")
    )
    @everywhere
    async def name(self, interaction: discord.Interaction[MeliconBot], text: str) -> None:
        """Post the icon that belongs to a text."""
        with self.bot.work():
            try:
                code = IconCode.from_phrase(text)
            except CodeError as error:
                raise refusal(self.bot, error, text) from error
            await accept(interaction)
            await post_icon(interaction, code, asked=text)


def icon_of(user_id: int) -> IconCode:
    """Return the code of the icon that belongs to a user: frozen, like what a code means."""
    return IconCode.from_phrase(f"discord user {user_id}")
