"""A small, strict Discord emulator on 127.0.0.1: REST API v10, gateway and a chat page.

Used by the try-it mode and by tests. The world is in memory and optionally on disk. The unmodified discord.py client
can log in to it::

    emulator = await Emulator.start()
    ...                                   # point discord.py at emulator.api_url and emulator.gateway_url
    reply = await emulator.slash(emulator.member, "melicon", {"seed": "naru"})
"""

from discord_emulator.clock import ManualClock
from discord_emulator.errors import InteractionFailed, UsageError
from discord_emulator.interactions import ReplyEvent
from discord_emulator.limits import Limits, Rate
from discord_emulator.model import Persona
from discord_emulator.permissions import Permission
from discord_emulator.reply import Reply
from discord_emulator.server import Emulator

__all__ = [
    "Emulator",
    "InteractionFailed",
    "Limits",
    "ManualClock",
    "Permission",
    "Persona",
    "Rate",
    "Reply",
    "ReplyEvent",
    "UsageError",
]
