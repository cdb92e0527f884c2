"""`/style`: manage the trained styles; owner only."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.errors import Refusal
from bot.features.styles import StyleFile, StyleKeeper, StyleProblem
from bot.features.styles.files import LARGEST
from bot.inference import THUMBNAIL, DrawError
from bot.ui.code_options import suggest_styles
from bot.ui.contexts import owner_group
from bot.ui.posting import DEFAULT_LIMIT, defer_ephemeral
from bot.ui.reasons import reason_in
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot

    Interaction = discord.Interaction[MeliconBot]
    Choices = list[app_commands.Choice[str]]

_ON_A_LIST = 12  # styles shown
_EACH = 4  # icons of each
_STYLE = locale_str("Which style", key="command.style.style.description")


class Styles(commands.Cog):
    """Style management."""

    group = owner_group("style", locale_str("Manage the trained styles", key="command.style.description"))

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @group.command(name="list", description=locale_str("Show every style", key="command.style.list.description"))
    async def list_(self, interaction: Interaction) -> None:
        """Show some icons of each style."""
        await self.bot.owners.check(interaction)
        await defer_ephemeral(interaction)
        words = self.bot.words(interaction)
        studio = self.bot.studio
        lines = []
        icons: list[bytes] = []
        labels: list[str] = []
        for name in studio.styles:
            card = studio.pin(_in_style(0, name))
            models = [file.model for file in self.bot.service(StyleKeeper).files if file.style == name]
            key = "style.line.used" if name == studio.style else "style.line"
            lines.append(words(key, style=name, model=card.model, count=max(1, len(models))))
            if len(labels) < _ON_A_LIST * _EACH:
                try:
                    drawings = [await studio.draw(_in_style(seed, name), size=THUMBNAIL) for seed in range(_EACH)]
                except DrawError:  # the reason is in the log
                    lines[-1] += " · " + words("style.line.broken")
                    continue
                icons += [drawing.png for drawing in drawings]
                labels += [f"{drawing.code} · {name}" for drawing in drawings]
        sheet = discord.File(
            io.BytesIO(await studio.lay_out(icons, labels)), "melicon-styles.png", description=words("style.list.alt")
        )
        await interaction.edit_original_response(content="\n".join(lines)[:1900], attachments=[sheet])

    @group.command(name="use", description=locale_str("Set the default style", key="command.style.use.description"))
    @app_commands.describe(
        style=_STYLE, model=locale_str("Which model of the style", key="command.style.model.description")
    )
    async def use(self, interaction: Interaction, style: str, model: str | None = None) -> None:
        """Set the default style."""
        await self.bot.owners.check(interaction)
        await defer_ephemeral(interaction)
        if style == self.bot.studio.built_in.card.style:
            await self.bot.service(StyleKeeper).use(None)
        else:
            await self.bot.service(StyleKeeper).use(self._file(style, model))
        await self._say(interaction, "style.used", style=style)

    @group.command(name="rename", description=locale_str("Rename a style", key="command.style.rename.description"))
    @app_commands.describe(style=_STYLE, name=locale_str("Its new name", key="command.style.rename.name.description"))
    async def rename(self, interaction: Interaction, style: str, name: str) -> None:
        """Rename a style; its codes stay valid."""
        await self.bot.owners.check(interaction)
        await defer_ephemeral(interaction)
        self._file(style)
        if name in self.bot.studio.styles:
            raise Refusal("style.taken", style=name)
        try:
            await asyncio.to_thread(self.bot.service(StyleKeeper).library.rename, style, name)
        except StyleProblem as problem:
            raise Refusal(problem.key, **problem.values) from problem
        await self.bot.service(StyleKeeper).refresh()
        await self._say(interaction, "style.renamed", style=style, name=name)

    @group.command(name="delete", description=locale_str("Delete a style", key="command.style.delete.description"))
    @app_commands.describe(style=_STYLE)
    async def delete(self, interaction: Interaction, style: str) -> None:
        """Delete a style with all its models, unless it is in use."""
        await self.bot.owners.check(interaction)
        await defer_ephemeral(interaction)
        self._file(style)
        if style == self.bot.studio.style:
            raise Refusal("style.in_use", style=style)
        await asyncio.to_thread(self.bot.service(StyleKeeper).library.delete, style)
        await self.bot.service(StyleKeeper).refresh()
        await self._say(interaction, "style.deleted", style=style)

    @group.command(
        name="export", description=locale_str("Download a style as a file", key="command.style.export.description")
    )
    @app_commands.describe(style=_STYLE)
    async def export(self, interaction: Interaction, style: str) -> None:
        """Send a style's weights and card privately."""
        await self.bot.owners.check(interaction)
        await defer_ephemeral(interaction)
        file = self._file(style)
        data = await asyncio.to_thread(self.bot.service(StyleKeeper).library.export, file)
        if len(data) > max(interaction.filesize_limit, DEFAULT_LIMIT):
            raise Refusal("style.export.big", path=str(file.path))
        words = self.bot.words(interaction)
        key = "style.exported.pictures" if "photomontage" in file.card.parts else "style.exported"
        await interaction.edit_original_response(
            content=words(key, style=style, model=file.model),
            attachments=[discord.File(io.BytesIO(data), f"{style}-{file.model}.zip")],
        )

    @group.command(
        name="import", description=locale_str("Add a style from a file", key="command.style.import.description")
    )
    @app_commands.describe(
        file=locale_str(
            "A zip from /style export, or a .safetensors file", key="command.style.import.file.description"
        ),
        card=locale_str("The .json that belongs to it", key="command.style.import.card.description"),
        name=locale_str("A new name for it", key="command.style.import.name.description"),
    )
    async def import_(
        self,
        interaction: Interaction,
        file: discord.Attachment,
        card: discord.Attachment | None = None,
        name: str | None = None,
    ) -> None:
        """Validate a style and add it."""
        await self.bot.owners.check(interaction)
        await defer_ephemeral(interaction)
        given = [attachment for attachment in (file, card) if attachment is not None]
        if any(attachment.size > LARGEST for attachment in given):
            raise Refusal("style.import.big", most=LARGEST // 2**20)
        files = [(attachment.filename, await attachment.read()) for attachment in given]
        try:
            found = await self.bot.service(StyleKeeper).bring_in(files, name)
        except StyleProblem as problem:
            values = dict(problem.values)
            if "reason" in values:
                values["reason"] = reason_in(self.bot.words(interaction), values["reason"])
            raise Refusal(problem.key, **values) from problem
        await self._say(interaction, "style.imported", style=found.style, model=found.model)

    @use.autocomplete("style")
    @rename.autocomplete("style")
    @delete.autocomplete("style")
    @export.autocomplete("style")
    async def _styles(self, interaction: Interaction, typed: str) -> Choices:
        """Suggest the available styles."""
        return await suggest_styles(interaction, typed)

    def _file(self, style: str, model: str | None = None) -> StyleFile:
        """Return a style's file; raises Refusal for the built-in style and unknown ones."""
        file = self.bot.service(StyleKeeper).find(style, model)
        if file is None and style == self.bot.studio.built_in.card.style:
            raise Refusal("style.built_in", style=style)
        if file is None:
            known = ", ".join(f"`{name}`" for name in self.bot.studio.styles)
            raise Refusal("style.none", known=known)
        return file

    async def _say(self, interaction: Interaction, key: str, **values: object) -> None:
        await interaction.edit_original_response(content=self.bot.words(interaction)(key, **values))


def _in_style(seed: int, style: str) -> IconCode:
    return replace(IconCode.from_seed(seed), style=style)
