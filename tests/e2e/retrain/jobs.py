"""What tests of learning share: pictures in a zip, and reading the bot's messages."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

from discord_emulator import Emulator
from discord_emulator.actions import Who
from discord_emulator.reply import Reply
from tests.bot.retrain.hostile import zipped
from tests.gan.odd_pictures import plain
from tests.patience import ENOUGH

Json = dict[str, Any]


def training_zip(count: int = 12, first: int = 0) -> bytes:
    """Return a zip of so many different pictures."""
    return zipped({f"{seed}.png": plain(seed) for seed in range(first, first + count)})


def buttons(message: Json) -> dict[str, str]:
    """Return what the retraining's buttons of a message are for, and their ids."""
    found = re.findall(r"mel:v1:retrain:(\w+):\d+", str(message["components"]))
    return {what: re.search(rf"mel:v1:retrain:{what}:\d+", str(message["components"]))[0] for what in found}  # type: ignore[index]


async def propose(
    emulator: Emulator, *, zip_: bytes | None = None, minutes: float = 0.05, start: str = "default", **options: Any
) -> Reply:
    """Ask as the owner for a training job that starts from the weights `start`, and return the proposal."""
    given = {"images": ("fan.zip", zip_ or training_zip()), "minutes": minutes, "from": start, **options}
    return await emulator.slash(emulator.owner, "retrain", given, timeout=ENOUGH)


async def begin(emulator: Emulator, **options: Any) -> None:
    """Propose a training job and press Start."""
    reply = await propose(emulator, **options)
    await emulator.press(emulator.owner, reply.message, buttons(reply.message)["start"])


async def until(what: Callable[[], bool]) -> None:
    """Wait for something that nothing tells of: files, or a message that is edited."""
    end = time.monotonic() + ENOUGH
    while not what():
        assert time.monotonic() < end
        await asyncio.sleep(0.05)


async def shown(emulator: Emulator, matches: Callable[[Json], bool], *, seen_by: Who | None = None) -> Json:
    """Wait until a message, public or shown to `seen_by`, is as `matches` wants it; it may be edited on the way."""
    await until(lambda: any(matches(m) for m in emulator.messages(seen_by=seen_by)))
    return next(m for m in emulator.messages(seen_by=seen_by) if matches(m))


async def result(emulator: Emulator, style: str | None = None) -> Json:
    """Wait for the result of a training job and return its message."""
    return await emulator.wait_message(
        matches=lambda m: "use" in buttons(m) and (style is None or f"**{style}**" in m["content"]), timeout=ENOUGH
    )
