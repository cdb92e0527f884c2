"""The emulator in a thread of its own, so that its work is not taken for the bot's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from discord_emulator import Emulator, Limits

_Result = TypeVar("_Result")


class Elsewhere:
    """A small Discord in another thread; `await elsewhere(emulator.slash(…))` runs there what is awaited here."""

    emulator: Emulator

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="emulator", daemon=True)

    async def __aenter__(self) -> Self:
        self._thread.start()
        self.emulator = await self(Emulator.start(port=0, limits=self._limits))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self(self.emulator.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()

    async def __call__(self, doing: Coroutine[Any, Any, _Result]) -> _Result:
        """Do something in the emulator's thread."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(doing, self._loop))
