"""Snowflakes: Discord's 64-bit ids, which carry their time of birth in milliseconds since 2015.

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
    """Hands out ids that grow strictly, even when many are asked for within a millisecond or the clock steps back."""

    def __init__(self, clock: Callable[[], float], after: int = 0) -> None:
        """`after`: the largest id that exists already."""
        self._clock = clock
        self._last = after

    def __call__(self) -> int:
        """Return the next id."""
        born = (int(self._clock() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last = max(born, self._last + 1)
        return self._last


def read_id(value: Any) -> int | None:
    """Return an id that came as text or as a number, or None where `value` is no snowflake."""
    text = str(value) if isinstance(value, str | int) else ""
    return int(text) if _DIGITS.fullmatch(text) and int(text) <= LARGEST else None


def born_at(snowflake: int) -> float:
    """Return the time of birth of an id in seconds since 1970."""
    return ((snowflake >> 22) + DISCORD_EPOCH_MS) / 1000


def shard_of(guild_id: int, shard_count: int) -> int:
    """Return the shard that serves a guild (https://discord.com/developers/docs/events/gateway#sharding)."""
    return (guild_id >> 22) % shard_count
