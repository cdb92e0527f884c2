"""A small discord.py bot for the tests of the chat page: it uses everything that the page can show.

It is not Melicon: its pictures are plain patterns whose pixels a test can predict.
"""

from __future__ import annotations

import asyncio
import io
from typing import Any

import discord
from discord import app_commands
from PIL import Image

SIDE = 64


def colour(seed: str) -> tuple[int, int, int]:
    """Return the colour of a seed's picture, which depends on the seed alone."""
    number = int(seed) if seed.isdecimal() else sum(map(ord, seed))
    return number % 256, number * 7 % 256, number * 13 % 256


def picture(seed: str) -> discord.File:
    """A square of the seed's colour with one white pixel at the top left, as icon-SEED.png."""
    image = Image.new("RGB", (SIDE, SIDE), colour(seed))
    image.putpixel((0, 0), (255, 255, 255))
    file = io.BytesIO()
    image.save(file, "PNG")
    file.seek(0)
    return discord.File(file, f"icon-{seed}.png", description=f"Icon {seed}")


class IconButtons(discord.ui.View):
    """The buttons below an icon."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Another", emoji="🎲", style=discord.ButtonStyle.primary, custom_id="another")
    async def another(self, interaction: discord.Interaction[Any], _: discord.ui.Button[Any]) -> None:
        """Post another picture after a short delay."""
        await interaction.response.defer(thinking=True)
        await asyncio.sleep(0.2)
        await interaction.followup.send("one more", file=picture("77"), view=IconButtons())

    @discord.ui.button(label="Keep", emoji="⭐", custom_id="keep")
    async def keep(self, interaction: discord.Interaction[Any], _: discord.ui.Button[Any]) -> None:
        """Edit the message."""
        await interaction.response.edit_message(content="kept")

    @discord.ui.button(label="Ignore", custom_id="ignore")
    async def ignore(self, interaction: discord.Interaction[Any], _: discord.ui.Button[Any]) -> None:
        """Never answer."""

    @discord.ui.button(label="Delete", emoji="🗑️", style=discord.ButtonStyle.danger, custom_id="delete")
    async def delete(self, interaction: discord.Interaction[Any], _: discord.ui.Button[Any]) -> None:
        """Delete the message."""
        await interaction.response.defer()
        await interaction.delete_original_response()

    @discord.ui.button(label="Off", disabled=True, custom_id="off")
    async def off(self, interaction: discord.Interaction[Any], _: discord.ui.Button[Any]) -> None:
        """Cannot be pressed."""


class Menus(discord.ui.View):
    """A menu of words and one of people."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.select(
        placeholder="Choose a style",
        options=[discord.SelectOption(label="House", value="house"), discord.SelectOption(label="Lorelei", value="l")],
    )
    async def style(self, interaction: discord.Interaction[Any], select: discord.ui.Select[Any]) -> None:
        """Say what was chosen."""
        await interaction.response.send_message(f"style {select.values[0]}", ephemeral=True)

    @discord.ui.select(cls=discord.ui.UserSelect, placeholder="Choose people", max_values=2)
    async def people(self, interaction: discord.Interaction[Any], select: discord.ui.UserSelect[Any]) -> None:
        """Say who was chosen."""
        await interaction.response.send_message(" ".join(user.mention for user in select.values), ephemeral=True)


class LongMenu(discord.ui.View):
    """A menu with as many options as Discord allows."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.select(
        placeholder="Pick one", options=[discord.SelectOption(label=f"Option {n}", value=f"{n}") for n in range(1, 26)]
    )
    async def one(self, interaction: discord.Interaction[Any], select: discord.ui.Select[Any]) -> None:
        """Say what was picked."""
        await interaction.response.send_message(f"picked {select.values[0]}", ephemeral=True)


class Form(discord.ui.Modal, title="Name the style"):
    """A form with a short and a long field."""

    name: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Name", min_length=2)
    why: discord.ui.TextInput[Any] = discord.ui.TextInput(
        label="What is it like?", style=discord.TextStyle.paragraph, required=False
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Say what was written."""
        await interaction.response.send_message(f"named {self.name.value}")


class InFrench(app_commands.Translator):
    """Translates one description and one option."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - the library's signature
    ) -> str | None:
        """Return the French text of a known string."""
        known = {
            "Draw an icon": "Dessiner une nouvelle icône",
            "A number or a word": "Un nombre ou un mot",
            "seed": "graine",
        }
        return known.get(string.message) if locale is discord.Locale.french else None


class PageBot(discord.Client):
    """The bot itself."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self) -> None:
        """Register everything."""
        await self.tree.set_translator(InFrench())
        add_commands(self.tree)
        self.add_view(IconButtons())
        await self.tree.sync()


def add_commands(tree: app_commands.CommandTree[Any]) -> None:  # noqa: C901 - a list of small commands
    """Add one command of each kind to the tree."""

    @tree.command(description="Draw an icon")
    @app_commands.describe(seed="A number or a word")
    async def melicon(interaction: discord.Interaction[Any], seed: str = "7") -> None:
        await interaction.response.defer()
        await asyncio.sleep(0.2)
        await interaction.edit_original_response(content=f"`{seed}`", attachments=[picture(seed)], view=IconButtons())

    @melicon.autocomplete("seed")
    async def seeds(_: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        words = [word for word in ("hello", "123", "naru") if typed in word]
        return [app_commands.Choice(name=f"recent {word}", value=word) for word in words]

    @tree.command(description="What I can do", name="help")
    async def help_(interaction: discord.Interaction[Any]) -> None:
        embed = discord.Embed(title="Help", description="**bold** and `code`", colour=0xE8596F)
        embed.add_field(name="Seed", value="`123`").set_footer(text="the end")
        await interaction.response.send_message(embed=embed, ephemeral=True)

    @tree.command(description="Many icons")
    async def gallery(
        interaction: discord.Interaction[Any],
        count: app_commands.Range[int, 1, 9] = 4,
        person: discord.Member | None = None,
        tidy: bool = False,
    ) -> None:
        who = person.mention if person else "nobody"
        pictures = [picture(str(number * 20)) for number in range(count)]
        await interaction.response.send_message(f"{count} of {who}, tidy {tidy}", files=pictures)

    @tree.command(description="Look at a file")
    async def look(interaction: discord.Interaction[Any], file: discord.Attachment) -> None:
        await interaction.response.send_message(f"{file.filename}: {len(await file.read())} bytes")

    @tree.command(description="Compare two files")
    async def compare(
        interaction: discord.Interaction[Any], one: discord.Attachment, other: discord.Attachment | None = None
    ) -> None:
        await interaction.response.send_message(f"{one.filename} and {other.filename if other else 'nothing'}")

    @tree.command(description="Open a form")
    async def form(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(Form())

    @tree.command(description="Show menus")
    async def menus(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("choose", view=Menus())

    @tree.command(description="Show a long menu")
    async def long(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("pick", view=LongMenu())

    @tree.command(description="Never answer")
    async def silent(interaction: discord.Interaction[Any]) -> None:
        pass

    @tree.command(description="For moderators")
    @app_commands.default_permissions(manage_guild=True)
    async def tend(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("tended")

    daily = app_commands.Group(name="daily", description="An icon every day")

    @daily.command(name="set", description="Choose where and when")
    async def set_(interaction: discord.Interaction[Any], channel: discord.TextChannel, time: str) -> None:
        await interaction.response.send_message(f"every day at {time} in {channel.mention}")

    tree.add_command(daily)

    @tree.context_menu(name="Describe")
    async def describe(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message(f"message {message.id}", ephemeral=True)

    @tree.context_menu(name="Greet")
    async def greet(interaction: discord.Interaction[Any], user: discord.Member) -> None:
        await interaction.response.send_message(f"hello {user.mention}")
