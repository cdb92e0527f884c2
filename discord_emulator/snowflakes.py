"""Snowflakes: Discord's 64-bit ids, with a timestamp in milliseconds since 2015.

https://discord.com/developers/docs/reference#snowflakes
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

DISCORD_EPOCH_MS = 1_420_070_400_000
LARGEST = 2**64 - 1
_DIGITS = re.compile(r"[0-9]{1,20}")


class SnowflakeMaker:
    """Generates strictly increasing ids, even within a millisecond or when the clock steps back."""

    def __init__(self, clock: Callable[[], float], after: int = 0) -> None:
        """`after`: the largest existing id."""
        self._clock = clock
        self._last = after

    def __call__(self) -> int:
        """Return the next id."""
        born = (int(self._clock() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last = max(born, self._last + 1)
        return self._last


def read_id(value: Any) -> int | None:
    """Parse an id given as text or number; None if invalid."""
    text = str(value) if isinstance(value, str | int) else ""
    return int(text) if _DIGITS.fullmatch(text) and int(text) <= LARGEST else None


def born_at(snowflake: int) -> float:
    """Return an id's creation time in seconds since 1970."""
    return ((snowflake >> 22) + DISCORD_EPOCH_MS) / 1000


def shard_of(guild_id: int, shard_count: int) -> int:
    """Return a guild's shard (https://discord.com/developers/docs/events/gateway#sharding)."""
    return (guild_id >> 22) % shard_count
