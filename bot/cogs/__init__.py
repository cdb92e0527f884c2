"""The commands, one file for each family; `COGS` is what the bot adds when it starts."""

from __future__ import annotations

from bot.cogs.daily import Daily
from bot.cogs.describing import Describing
from bot.cogs.gallery import Gallery
from bot.cogs.help import Help
from bot.cogs.icons import Icons
from bot.cogs.morphing import Morphing
from bot.cogs.playing import Playing

COGS = (Icons, Playing, Morphing, Describing, Gallery, Daily, Help)
