"""A gateway session: what one shard of the bot has been told, kept so that it can be resumed."""

from __future__ import annotations

import json
import secrets
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from discord_emulator.connection import Connection
    from discord_emulator.errors import Json

DISPATCH = 0


class Session:
    """One shard's session. It outlives its connection for a while, so that it can be resumed."""

    def __init__(self, shard: tuple[int, int], intents: int, keep: int) -> None:
        self.id = secrets.token_hex(16)
        self.shard = shard
        self.intents = intents
        self.sequence = 0
        self.ready = False
        self.presence: Json | None = None
        self.events: deque[tuple[int, str]] = deque(maxlen=keep)
        self.connection: Connection | None = None
        self.expiry: asyncio.TimerHandle | None = None

    def dispatch(self, event: str, data: Json) -> None:
        """Send an event now, or keep it for the resume."""
        self.sequence += 1
        text = json.dumps({"op": DISPATCH, "t": event, "s": self.sequence, "d": data})
        self.events.append((self.sequence, text))
        if self.connection:
            self.connection.send_text(text)
