"""Reading daily posts off the emulator."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from discord_emulator import Emulator


def posts(emulator: Emulator, channel: int | None = None) -> list[tuple[date, dict[str, Any]]]:
    """Return the daily posts of a channel with their dates, oldest first."""
    found = []
    for message in emulator.messages(channel):
        day = re.search(r"mel:v1:star:([\d-]+)", str(message["components"]))
        if day and message["author"]["id"] == str(emulator.bot.id):
            found.append((date.fromisoformat(day[1]), message))
    return found


def dates(emulator: Emulator, channel: int | None = None) -> list[str]:
    """Return the dates of a channel's daily posts, oldest first."""
    return [day.isoformat() for day, _ in posts(emulator, channel)]


def labels(message: dict) -> dict[str, str | None]:  # type: ignore[type-arg]  # Discord's JSON
    """Return the buttons of a message: custom_id to label."""
    return {item["custom_id"]: item.get("label") for row in message["components"] for item in row["components"]}
