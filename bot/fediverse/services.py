"""The services of the account: those of the Discord bot, or its own when it runs alone."""

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
    """What replies and posts need."""

    settings: Settings
    store: Store
    studio: Studio
    keeper: StyleKeeper
    icons: DateIcons
    encoders: Encoders
    catalogues: Catalogues
    clock: Callable[[], datetime]
