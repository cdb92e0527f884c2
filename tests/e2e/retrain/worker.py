"""A bot in a process of its own that a test may kill at any moment; it says "ready" once it is connected."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

import bot.features.retrain.notifier
import bot.features.retrain.supervisor
from bot.app import build_bot
from bot.settings import Settings


async def main(arguments: list[str]) -> None:
    api, gateway, token, folder, weights = arguments
    bot.features.retrain.supervisor.TICK = 0.1
    bot.features.retrain.notifier.EDIT_EVERY = 0.3
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]  # known at run time only
        discord_token=SecretStr(token),
        discord_api_url=api,
        discord_gateway_url=gateway,
        data_dir=Path(folder),
        weights=Path(weights),
        icon_size=64,
        draw_threads=1,
        retrain_threads=1,
        retrain_niceness=0,
    )
    client = build_bot(settings)
    async with client:
        running = asyncio.create_task(client.start(token))
        ready = asyncio.create_task(client.wait_until_ready())
        await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
        print("ready", flush=True)
        await running


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
