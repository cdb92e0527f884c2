"""A month's most starred icons as one picture and a list."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING, Any

import discord

from bot.features.daily.icons import DateIcons
from bot.i18n.dates import last_of_month, month_name, short_date

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words
    from bot.ui.server import Server

_MOST = 9


async def best_of(bot: MeliconBot, guild_id: int, first: date) -> list[tuple[date, int]]:
    """Return a server's most starred dates of the month beginning at `first`, with their stars."""
    return await bot.store.stars.best(guild_id, first, last_of_month(first), _MOST)


async def best_message(
    bot: MeliconBot,
    server: Server,
    words: Words,
    first: date,
    best: list[tuple[date, int]],
    *,
    filename: str | None = None,
) -> dict[str, Any]:
    """Return the `send` arguments for the result of `best_of`. Raises StudioClosed.

    filename: of the picture; None: the usual one.
    """
    drawings = await bot.service(DateIcons).small([day for day, _ in best])
    starred = [(day, stars, drawings[day]) for day, stars in best if day in drawings]
    # the sheet's font has neither ⭐ nor Japanese glyphs
    labels = [f"{place}. {day:%m-%d} ({stars})" for place, (day, stars, _) in enumerate(starred, 1)]
    png = await bot.studio.lay_out([drawing.png for *_, drawing in starred], labels)
    lines = [words("daily.best.title", month=month_name(words, first))]
    for place, (day, stars, drawing) in enumerate(starred, 1):
        code = server.shown(drawing.pinned)
        lines.append(words("daily.best.line", place=place, date=short_date(words, day), code=code, stars=stars))
    alt = words("daily.best.alt", month=month_name(words, first))
    picture = discord.File(io.BytesIO(png), filename or f"melicon-best-{first:%Y-%m}.png", description=alt)
    return {"content": "\n".join(lines), "file": picture}
