"""What the account shares with the bot on Discord, or has for itself where it runs alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.features.daily.icons import DateIcons
from bot.features.styles import StyleKeeper
from bot.i18n import Catalogues
from bot.inference import Studio
from bot.inference.encoders import Encoders
from bot.settings import Settings
from bot.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """The services that answers and posts are made with."""

    settings: Settings
    store: Store
    studio: Studio
    keeper: StyleKeeper
    icons: DateIcons
    encoders: Encoders
    catalogues: Catalogues
    clock: Callable[[], datetime]
