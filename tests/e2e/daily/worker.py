"""A bot in a process of its own, which a test can kill at any moment. It reads commands from a socket, one a line.

    at SECONDS      set the clock to SECONDS after the start of 1970
    die POINT       kill this process when it reaches POINT: see `arm`
    drain           post what is due; the reply is "drained N"
    follow          do what follows the posts; the reply is "followed"

It is the real bot, except for the clock and the model, which would take seconds to load.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from pydantic import SecretStr

import bot.inference.studio
import bot.inference.threads
from bot.app import build_bot
from bot.client import MeliconBot
from bot.settings import Settings
from gan.codes import IconCode
from gan.rendering import upscale

POINTS = ("claimed", "taken-over", "before-send", "sent", "before-note", "noted")
FOLLOWING = ("before-month-note", "before-icon-note")  # in what follows a post


class Patches:
    """A sampler whose icons are 8×8 random patches of colour, different for each seed."""

    # a real card would bring PyTorch along
    card = SimpleNamespace(style="patches", short_hash="0a1b2c3d")

    def generate(self, codes: Sequence[IconCode]) -> list[SimpleNamespace]:
        """Generate as `gan.sampling.sampler.Sampler` does."""
        return [SimpleNamespace(pixels=icon) for icon in self.draw(codes)]

    def enlarge(self, output: SimpleNamespace, size: int) -> np.ndarray:
        """Enlarge as `gan.sampling.sampler.Sampler` does."""
        return upscale(output.pixels, size)

    def draw(self, codes: Sequence[IconCode]) -> np.ndarray:
        """Draw as `gan.sampling.sampler.Sampler` does."""
        icons = [np.random.RandomState(c.first.seed).randint(0, 256, (8, 8, 3)).astype(np.uint8) for c in codes]
        return np.stack([icon.repeat(8, 0).repeat(8, 1) for icon in icons])

    def describe(self, code: IconCode) -> dict[str, str]:  # noqa: ARG002 - the studio's signature
        """Describe nothing: patches have no attributes."""
        return {}


class Clock:
    """A clock that can be set, and then runs on."""

    def __init__(self) -> None:
        self.offset = 0.0

    def set(self, seconds: float) -> None:
        """Set the time to `seconds` after the start of 1970."""
        self.offset = seconds - time.time()

    def __call__(self) -> datetime:
        """Return the time."""
        return datetime.fromtimestamp(time.time() + self.offset, UTC)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(client: MeliconBot, point: str) -> None:
    """Make this process kill itself at `point`: after claiming or taking over, or before or after sending or noting."""
    assert point in POINTS + FOLLOWING, point
    claims: Any = client.store.claims
    place, name = {
        "claimed": (claims, "take_due"),
        "taken-over": (claims, "reclaim"),
        "before-send": (client.http, "send_message"),
        "sent": (client.http, "send_message"),
        "before-note": (claims, "posted"),
        "noted": (claims, "posted"),
        "before-month-note": (client.store.monthly_posts, "done"),
        "before-icon-note": (client.store.server_icons, "changed"),
    }[point]
    original = getattr(place, name)

    async def fatal(*args: Any, **kwargs: Any) -> Any:
        if point.startswith("before"):
            die()
        result = await original(*args, **kwargs)
        if point in {"sent", "noted"} or result:
            die()
        return result

    setattr(place, name, fatal)


async def obey(client: MeliconBot, clock: Clock, line_to_test: socket.socket) -> None:
    reader, writer = await asyncio.open_connection(sock=line_to_test)
    await client.wait_until_ready()
    while not hasattr(client, "daily"):  # noqa: ASYNC110 - the last thing that setup_hook makes
        await asyncio.sleep(0.01)
    writer.write(b"ready\n")
    while line := (await reader.readline()).decode().split():
        match line:
            case ["at", seconds]:
                clock.set(float(seconds))
            case ["die", point]:
                arm(client, point)
            case ["drain"]:
                writer.write(f"drained {await client.daily.poster.drain()}\n".encode())
            case ["follow"]:
                await client.daily.monthly.drain()
                await client.daily.server_icons.drain()
                writer.write(b"followed\n")


def begin(line_to_test: socket.socket, errors: str, arguments: list[str]) -> None:
    """Run the bot in this child process; its standard error is appended to the file `errors`."""
    with Path(errors).open("ab") as log:
        os.dup2(log.fileno(), 2)
    asyncio.run(main(line_to_test, arguments))


async def main(line_to_test: socket.socket, arguments: list[str]) -> None:
    api, gateway, token, database, folder, at = arguments
    bot.inference.studio._load = lambda _: Patches()  # type: ignore[assignment, return-value]
    bot.inference.threads._one_torch_thread = lambda: None
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]  # known at run time only
        discord_token=SecretStr(token),
        discord_api_url=api,
        discord_gateway_url=gateway,
        discord_cdn_url=api.partition("/api/")[0],
        database_url=SecretStr(database) if database != "-" else None,
        data_dir=Path(folder),
        icon_size=64,
        draw_threads=1,
        sync_commands="never",
    )
    clock = Clock()
    clock.set(float(at))
    client = build_bot(settings)
    client.clock = clock
    async with client:
        running = asyncio.create_task(client.start(token))
        obeying = asyncio.create_task(obey(client, clock, line_to_test))
        done, _ = await asyncio.wait({running, obeying}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        await client.close()
