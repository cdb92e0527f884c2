"""The commands, one file for each family; `COGS` is what the bot adds when it starts."""

from __future__ import annotations

from bot.cogs.daily import Daily
from bot.cogs.help import Help
from bot.cogs.icons import Icons

COGS = (Icons, Daily, Help)
