"""Parsing and autocompletion of icon codes."""

from __future__ import annotations

import asyncio
import logging
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from discord import app_commands

from bot.errors import Refusal
from bot.i18n.alt_text import in_words
from bot.inference import DrawError
from bot.ui.server import Server, server_of
from bot.ui.text import quoted, visible
from gan.codes import CodeError, IconCode

if TYPE_CHECKING:
    import discord

    from bot.client import MeliconBot

log = logging.getLogger(__name__)

_MOST_CHOICES = 25  # Discord's limit
_CHOICE_LENGTH = 100  # Discord's limit on a choice's name and value
_SEARCH_LIMIT = 50  # recent icons and favourites whose names and descriptions are searched


def read(bot: MeliconBot, typed: str) -> IconCode:
    """Parse a typed code; raises `Refusal` with the reason and an example."""
    try:
        return IconCode.parse(typed)
    except CodeError as error:
        raise refusal(bot, error, typed) from error


def refusal(bot: MeliconBot, error: CodeError, typed: str = "") -> Refusal:
    """Return the refusal of an invalid code or step."""
    key = f"code.{error.reason}"
    return Refusal(key if key in bot.catalogues.words(None) else "code.other", asked=quoted(typed))


def mixed(bot: MeliconBot, a: IconCode, b: IconCode, percent: int) -> IconCode:
    """Return the mix of `a` and `b` at `percent`, with the model that either names.

    Raises `Refusal` if they cannot be mixed.
    """
    try:
        mix = IconCode.mix(a, b, percent)
    except CodeError as error:
        raise refusal(bot, error) from error
    models = {code.model for code in (a, b) if code.model}
    if len(models) > 1:
        raise Refusal("code.models", style=mix.style)
    return replace(mix, model=models.pop() if models else None)


async def suggest(interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
    """Suggest the user's recent icons and favourites; autocompletion for all code options.

    What is typed may be part of a code, of a favourite's name or of the icon's description.
    """
    try:
        # longer than any code
        typed = visible(unicodedata.normalize("NFKC", typed[:_CHOICE_LENGTH]).strip().casefold()[:_CHOICE_LENGTH])
        return await _suggestions(interaction, typed)
    except Exception:
        # an empty list instead of Discord's "loading options failed"; the code can still be typed
        log.exception("no suggestions for user %d", interaction.user.id)
        return []


async def _suggestions(interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
    bot, user = interaction.client, interaction.user.id
    fitting = await bot.store.drawn_icons.recent_rows(user, containing=typed, limit=_MOST_CHOICES)
    favourites = await bot.store.favourites.rows_of_user(user, limit=_SEARCH_LIMIT)
    recent = await bot.store.drawn_icons.recent_rows(user, limit=_SEARCH_LIMIT) if typed else []
    rows = dict.fromkeys([*fitting, *recent, *((code, style, model) for code, style, model, _ in favourites)])
    # hundreds of codes are too many to be read on the event loop
    server = await server_of(interaction)
    known = await asyncio.to_thread(_known, server, list(rows))
    described = await bot.studio.describe([code for code, _ in known.values()])
    names = {row[:3]: row[3] for row in favourites}

    def choices() -> Iterator[app_commands.Choice[str]]:
        words = bot.words(interaction).attributes
        for (row, (_, value)), attributes in zip(known.items(), described, strict=True):
            label = _label(value, row[1], names.get(row), in_words(attributes, words))
            if row in fitting or typed in label.casefold():
                yield app_commands.Choice(name=label, value=value)

    return await asyncio.to_thread(lambda: list(islice(choices(), _MOST_CHOICES)))


def _known(server: Server, rows: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], tuple[IconCode, str]]:
    """Return the icons among (code, style, model) that can be drawn: their pinned codes, and what to type."""
    found = {}
    for row in rows:
        code = IconCode.parse(row[0]).pinned(row[1], row[2])
        with suppress(DrawError):  # its style or model is gone
            server.pin(code)
            value = server.shown(code)
            if len(value) <= _CHOICE_LENGTH:  # a truncated code would name another icon
                found[row] = (code, value)
    return found


def _label(value: str, style: str, name: str | None, described: str) -> str:
    """Return the text of a suggestion: the favourite's name, the code, and what the icon shows or its style."""
    parts = [visible(name)] if name else []
    label = " · ".join([*parts, value, described or style])
    return label if len(label) <= _CHOICE_LENGTH else f"{label[: _CHOICE_LENGTH - 1]}…"


async def suggest_styles(interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
    """Suggest the styles; autocompletion for all style options."""
    wanted = typed[:_CHOICE_LENGTH].strip().casefold()
    fitting = [name for name in interaction.client.studio.styles if wanted in name]
    return [app_commands.Choice(name=name, value=name) for name in fitting[:_MOST_CHOICES]]
