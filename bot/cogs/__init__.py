"""The commands, one file for each family; `COGS` is what the bot adds when it starts."""

from __future__ import annotations

from bot.cogs.daily import Daily
from bot.cogs.describing import Describing
from bot.cogs.gallery import Gallery
from bot.cogs.help import Help
from bot.cogs.icons import Icons
from bot.cogs.morphing import Morphing
from bot.cogs.playing import Playing
from bot.cogs.resembling import Resembling
from bot.cogs.retraining import Retraining
from bot.cogs.styles import Styles
from bot.cogs.tweaking import Tweaking

COGS = (Icons, Playing, Tweaking, Morphing, Describing, Resembling, Gallery, Daily, Retraining, Styles, Help)
OWNERS = (Retraining, Styles)  # where an admin server is named, these are there alone
