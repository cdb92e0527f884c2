"""A small, strict Discord on 127.0.0.1: REST API v10, gateway and a chat page, in memory and, if asked, on disk.

It is the try-it mode without a token and the bench of the tests. The unmodified discord.py client logs in to it::

    emulator = await Emulator.start()
    ...                                   # point discord.py at emulator.api_url and emulator.gateway_url
    reply = await emulator.slash(emulator.member, "melicon", {"seed": "naru"})
"""

from bot.emulator.clock import ManualClock
from bot.emulator.errors import InteractionFailed, UsageError
from bot.emulator.interactions import ReplyEvent
from bot.emulator.limits import Limits, Rate
from bot.emulator.model import Persona
from bot.emulator.permissions import Permission
from bot.emulator.reply import Reply
from bot.emulator.server import Emulator

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
