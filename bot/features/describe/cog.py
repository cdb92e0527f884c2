"""`/describe`: find an icon with given hair, eyes and clothes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.errors import Refusal
from bot.features.describe.service import EXAMPLES, fit_lines, read_description, reading_languages
from bot.i18n.query import LONGEST, Known, Query, read_option
from bot.ui.contexts import everywhere
from bot.ui.posting import defer, post_icon
from bot.ui.server import server_of
from bot.ui.text import quoted

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words
    from bot.i18n.attributes import AttributeWords

_Suggest: TypeAlias = Callable[[discord.Interaction["MeliconBot"], str], Awaitable[list[app_commands.Choice[str]]]]

_MOST_CHOICES = 25  # Discord's limit
NOTHING = {"none", "hidden"}  # values not worth suggesting
# attributes with an option of their own, if the model has them; free text covers all
OPTIONS = {
    "hair": "Hair, for example: short hair",
    "hair_colour": "Hair colour, for example: black",
    "eyes": "Eyes, for example: round",
    "eye_colour": "Eye colour, for example: brown",
    "mouth": "Mouth, for example: smile",
    "skin": "Skin, for example: porcelain",
    "headwear": "On the head, for example: crown",
    "facewear": "On the face, for example: round glasses",
    "clothes": "Clothes, for example: T-shirt",
    "clothes_colour": "Clothes colour, for example: white",
    "neckwear": "Around the neck, for example: scarf",
    "cheeks": "Cheeks, for example: blush",
    "beard": "Beard, for example: full beard",
    "background": "Background, for example: sky blue",
}


def _suggester(name: str) -> _Suggest:
    """Return an option's autocompletion: the model's values in the user's language."""

    async def suggest(interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
        bot = interaction.client
        words = bot.words(interaction).attributes
        named = [words.value(name, value) for value in bot.studio.attributes.get(name, ()) if value not in NOTHING]
        fitting = [label for label in named if typed.strip().casefold() in label.casefold()]
        return [app_commands.Choice(name=label[:100], value=label[:100]) for label in fitting[:_MOST_CHOICES]]

    return suggest


class Describing(commands.Cog):
    """Attribute search."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(
        name=locale_str("describe", key="command.describe.name"),
        description=locale_str("Find an icon by its hair, eyes, clothes …", key="command.describe.description"),
    )
    @app_commands.rename(
        text=locale_str("text", key="command.describe.text.name"),
        **{name: locale_str(name, key=f"command.describe.{name}.name") for name in OPTIONS},
    )
    @app_commands.describe(
        text=locale_str(
            "In your own words, for example: pink hair, cat ears, wink", key="command.describe.text.description"
        ),
        **{name: locale_str(text, key=f"command.describe.{name}.description") for name, text in OPTIONS.items()},
    )
    @everywhere
    async def describe(  # noqa: PLR0917 - options are parameters, to the library
        self,
        interaction: discord.Interaction[MeliconBot],
        text: app_commands.Range[str, 1, LONGEST] | None = None,
        hair: str | None = None,
        hair_colour: str | None = None,
        eyes: str | None = None,
        eye_colour: str | None = None,
        mouth: str | None = None,
        skin: str | None = None,
        headwear: str | None = None,
        facewear: str | None = None,
        clothes: str | None = None,
        clothes_colour: str | None = None,
        neckwear: str | None = None,
        cheeks: str | None = None,
        beard: str | None = None,
        background: str | None = None,
    ) -> None:
        """Post the best matching icon and list what it lacks."""
        given = {
            "hair": hair,
            "hair_colour": hair_colour,
            "eyes": eyes,
            "eye_colour": eye_colour,
            "mouth": mouth,
            "skin": skin,
            "headwear": headwear,
            "facewear": facewear,
            "clothes": clothes,
            "clothes_colour": clothes_colour,
            "neckwear": neckwear,
            "cheeks": cheeks,
            "beard": beard,
            "background": background,
        }
        words = self.bot.words(interaction)
        typed = {name: value for name, value in given.items() if value}
        query, unread = await asyncio.to_thread(self._read, words, text or "", typed)
        await defer(interaction)
        studio, server = self.bot.studio, await server_of(interaction)
        fit = await studio.search(query, owner=interaction.user.id)
        lines = fit_lines(self.bot.words(interaction), fit, unread)
        # the search is in the bot's default style, which may not be the server's
        await post_icon(interaction, server.unpin(studio.pin(fit.code)), title="\n".join(lines))

    for _name in OPTIONS:
        describe.autocomplete(_name)(_suggester(_name))  # type: ignore[arg-type]  # a plain function, not a method
    del _name

    def _read(self, words: Words, text: str, given: dict[str, str]) -> tuple[Query, list[str]]:
        """Return the query and the parts of the text not understood; raises `Refusal` for an empty query."""
        known = self.bot.studio.attributes
        if not known:
            raise Refusal("describe.cannot", style=self.bot.studio.style)
        languages = reading_languages(self.bot.catalogues, words)
        query, unread = read_description(self.bot.studio, self.bot.catalogues, words, text)
        for name, typed in given.items():
            read = read_option(name, typed, languages, known)
            if read is None:
                raise self._unknown(words.attributes, name, typed, known)
            query |= read  # an option takes precedence over the text
        if not query:
            raise Refusal("describe.nothing", asked=quoted(text)) if text else Refusal("describe.empty")
        return query, unread

    @staticmethod
    def _unknown(words: AttributeWords, name: str, typed: str, known: Known) -> Refusal:
        values = [words.value(name, value) for value in known.get(name, ()) if value not in NOTHING]
        if not values:
            return Refusal("describe.unknown", attribute=words.attribute(name))
        examples = ", ".join(f"`{value}`" for value in itertools.islice(values, EXAMPLES))
        return Refusal("describe.value", attribute=words.attribute(name), asked=quoted(typed), examples=examples)
