"""A small discord.py bot with one command for each thing Discord can do; nothing of Melicon is in it."""

from __future__ import annotations

import asyncio
import io
import re
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from tests.discord_emulator.raw import PNG


class Counter(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"count:(?P<n>\d+)"):
    """A button that knows how often it was pressed."""

    def __init__(self, n: int) -> None:
        super().__init__(discord.ui.Button(label=str(n), custom_id=f"count:{n}"))
        self.n = n

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Counter:
        """Read the count back from the button."""
        return cls(int(match["n"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Count one up."""
        await interaction.response.edit_message(content=f"pressed {self.n + 1}", view=counter_view(self.n + 1))


def counter_view(n: int) -> discord.ui.View:
    """A view of one counter."""
    view = discord.ui.View(timeout=None)
    view.add_item(Counter(n))
    return view


class Question(discord.ui.Modal, title="A question"):
    """A form of one label with a text field."""

    name: discord.ui.Label[Any] = discord.ui.Label(
        text="Name", component=discord.ui.TextInput(custom_id="name", max_length=10)
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Greet by name."""
        assert isinstance(self.name.component, discord.ui.TextInput)
        await interaction.response.send_message(f"hello {self.name.component.value}", ephemeral=True)


class Menus(discord.ui.View):
    """A menu of texts and one of users."""

    @discord.ui.select(custom_id="colours", max_values=2, options=[discord.SelectOption(label=c) for c in "RGB"])
    async def colours(self, interaction: discord.Interaction[Any], menu: discord.ui.Select[Any]) -> None:
        """Say what was chosen."""
        await interaction.response.send_message("+".join(menu.values))

    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="people")
    async def people(self, interaction: discord.Interaction[Any], menu: discord.ui.UserSelect[Any]) -> None:
        """Name who was chosen, in a followup."""
        await interaction.response.defer()
        await interaction.followup.send(menu.values[0].display_name)

    @discord.ui.button(label="Quiet", custom_id="quiet")
    async def quiet(self, interaction: discord.Interaction[Any], _: discord.ui.Button[Any]) -> None:
        """Acknowledge and do no more."""
        await interaction.response.defer()


def build(*, sharded: bool = False, **options: Any) -> commands.Bot:
    """Make the bot. It syncs its commands at the start."""
    # The two classes share all that is used here, but only at run time is one the other's kind.
    kind: Any = commands.AutoShardedBot if sharded else commands.Bot
    defaults: dict[str, Any] = {"intents": discord.Intents.default(), "guild_ready_timeout": 0.05}
    bot: commands.Bot = kind(commands.when_mentioned, help_command=None, **(defaults | options))
    for add in (add_answers, add_options, add_interactive, add_special):
        add(bot.tree)

    @bot.event
    async def before_identify_hook(shard_id: int | None, *, initial: bool = False) -> None:
        """Skip the 5 s that the client leaves before it identifies again."""

    @bot.event
    async def setup_hook() -> None:
        bot.add_dynamic_items(Counter)
        await bot.tree.sync()

    return bot


def add_answers(tree: app_commands.CommandTree[Any]) -> None:
    """Answers at once, late, and with a file."""

    @tree.command(description="Say it back")
    async def echo(interaction: discord.Interaction[Any], text: str, hidden: bool = False) -> None:
        await interaction.response.send_message(text, ephemeral=hidden)

    @tree.command(description="Answer late, with a picture")
    async def draw(interaction: discord.Interaction[Any], hidden: bool = False) -> None:
        await interaction.response.defer(thinking=True, ephemeral=hidden)
        await interaction.followup.send("drawn", file=discord.File(io.BytesIO(PNG), "icon.png", description="an icon"))

    @tree.command(description="How large is it")
    async def measure(interaction: discord.Interaction[Any], file: discord.Attachment) -> None:
        data = await file.read()
        await interaction.response.send_message(f"{file.filename}: {len(data)} {file.width}")


def add_options(tree: app_commands.CommandTree[Any]) -> None:
    """Options that stand for things, and the circumstances."""

    @tree.command(description="Everything that ids stand for")
    async def who(
        interaction: discord.Interaction[Any],
        user: discord.Member,
        role: discord.Role,
        channel: discord.TextChannel,
        count: app_commands.Range[int, 1, 9] = 1,
    ) -> None:
        await interaction.response.send_message(f"{user.display_name} {role.name} {channel.name} {count}")

    @tree.command(description="Where and in which language")
    async def where(interaction: discord.Interaction[Any]) -> None:
        context = "server" if interaction.guild_id else "private"
        text = f"{interaction.locale} {interaction.guild_locale} {context} {interaction.filesize_limit}"
        await interaction.response.send_message(f"{text} {interaction.user.id}")


def add_interactive(tree: app_commands.CommandTree[Any]) -> None:
    """Buttons, menus, a form, suggestions, and silence."""

    @tree.command(description="Count presses")
    async def count(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("pressed 0", view=counter_view(0))

    @tree.command(description="Choose")
    async def menus(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(view=Menus())

    @tree.command(description="Open a form")
    async def form(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(Question())

    @tree.command(description="Never answers")
    async def silent(interaction: discord.Interaction[Any]) -> None:
        await asyncio.sleep(0)

    @tree.command(description="Suggestions")
    async def suggest(interaction: discord.Interaction[Any], word: str) -> None:
        await interaction.response.send_message(word)

    @suggest.autocomplete("word")
    async def words(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current}{n}", value=f"{current}-{n}") for n in range(3)]


def add_special(tree: app_commands.CommandTree[Any]) -> None:
    """A restricted command, a group and context menus."""

    @tree.command(description="For those who manage the server")
    @app_commands.default_permissions(manage_guild=True)
    async def manage(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("managed")

    group = app_commands.Group(name="box", description="A box")
    inner = app_commands.Group(name="lid", description="Its lid", parent=group)

    @inner.command(name="open", description="Open it")
    async def open_lid(interaction: discord.Interaction[Any], wide: bool) -> None:
        await interaction.response.send_message(f"open {wide}")

    tree.add_command(group)

    @tree.context_menu(name="Wave")
    async def wave(interaction: discord.Interaction[Any], user: discord.Member) -> None:
        await interaction.response.send_message(f"waves at {user.display_name}")

    @tree.context_menu(name="Quote")
    async def quote(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message(f"> {message.content}")
