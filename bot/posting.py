"""How an icon is posted, and the button below it: one path for slash commands, buttons and the bot's own messages."""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.problems import Refusal
from bot.studio import Drawing, Studio
from bot.text import quoted, same_code, shown_code
from bot.views import Buttons, Pressable
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.locales import Words

log = logging.getLogger(__name__)

_SMALLER = (256, 128, 64)  # sizes tried where the picture is over the upload limit
# Discord's limit for the smallest servers, for messages that answer no interaction
DEFAULT_LIMIT = 10 * 2**20


async def accept(interaction: discord.Interaction[MeliconBot]) -> None:
    """Take an order for one icon: "thinking…" appears at once. Raises `Refusal` when the user is too quick."""
    wait = interaction.client.cooldown.take(interaction.user.id)
    if wait > 0:
        raise Refusal("cooldown", seconds=math.ceil(wait))
    await interaction.response.defer(thinking=True)


async def accept_quietly(interaction: discord.Interaction[MeliconBot]) -> None:
    """Take an order whose answer is for the asker's eyes alone, whatever it will be."""
    await interaction.response.defer(thinking=True, ephemeral=True)


async def post_icon(interaction: discord.Interaction[MeliconBot], code: IconCode, *, asked: str | None = None) -> None:
    """Draw `code`, post it in answer to an accepted `interaction`, and note it; `asked` is what the user typed.

    Raises DrawError, and discord.HTTPException where the message cannot be posted.
    """
    bot = interaction.client
    words = bot.words(interaction)
    drawing = await draw_within(bot.studio, code, interaction.filesize_limit)
    # the style the user named stays with the button; else it is whatever is in use when it is pressed
    text = caption(drawing, words, bot.studio.style, code, asked)
    message = icon_message(drawing, words, text, style=code.style)
    await interaction.followup.send(**message)
    try:
        await bot.store.add_drawn(
            user_id=interaction.user.id,
            guild_id=interaction.guild_id,
            channel_id=interaction.channel_id,
            code=str(drawing.code),
            style=drawing.style,
            model=drawing.model,
        )
    except Exception:
        # the user has the picture; that it will be missing from the suggestions is no reason to apologise
        log.exception("icon %s could not be noted", drawing.code)


async def draw_within(studio: Studio, code: IconCode, limit: int) -> Drawing:
    """Draw `code` at the usual size, or smaller where its file would have more than `limit` bytes.

    Raises DrawError, and `Refusal` where even the smallest does not fit.
    """
    for size in (studio.size, *(s for s in _SMALLER if s < studio.size)):
        drawing = await studio.draw(code, size=size)
        if len(drawing.png) <= limit:
            return drawing
    raise Refusal("draw.too_big")


def caption(drawing: Drawing, words: Words, default_style: str, order: IconCode, asked: str | None) -> str:
    """Return the line above a picture of `order`, which a person wrote as `asked`; None: it was left to chance."""
    code = shown_code(drawing.code, drawing.style, default_style)
    if asked is None:
        return words("icon.caption.hint", code=code, style=drawing.style)
    if same_code(asked, order):
        return words("icon.caption", code=code, style=drawing.style)
    return words("icon.caption.word", asked=quoted(asked), code=code, style=drawing.style)


def icon_message(
    drawing: Drawing, words: Words, text: str, *, style: str | None = None, more: Sequence[Pressable] = ()
) -> dict[str, Any]:
    """Return the arguments of `send` for a drawing; used once, as files and views are.

    `more` are buttons beside the usual ones.
    """
    picture = discord.File(
        io.BytesIO(drawing.png),
        drawing.filename,
        description=words("icon.alt", code=drawing.code, style=drawing.style),
    )
    return {"content": text, "file": picture, "view": Buttons(*icon_buttons(words, style), *more)}


def icon_buttons(words: Words, style: str | None = None) -> list[Pressable]:
    """Return the usual buttons below an icon; `style` where one was named."""
    return [Another.button(words, style)]


class Another(Pressable, template=r"mel:v1:another(?::(?P<style>[a-z0-9][a-z0-9_-]{0,31}))?"):
    """🎲 Posts a new icon below, in the same style if one was named."""

    def __init__(self, style: str | None = None, label: str | None = None) -> None:
        self.style = style
        custom_id = f"mel:v1:another:{style}" if style else "mel:v1:another"
        super().__init__(ui.Button(emoji="🎲", label=label, custom_id=custom_id))

    @classmethod
    def button(cls, words: Words, style: str | None = None) -> Self:
        """Return the button with its label."""
        return cls(style, words("button.another"))

    @classmethod
    def remake(cls, values: Mapping[str, str | None]) -> Self:
        """Make the button that was pressed."""
        return cls(values["style"])

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Take the order."""
        await accept(interaction)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Draw a random icon."""
        await post_icon(interaction, replace(IconCode.random(), style=self.style))
