"""The threads that the studio works in, so that the event loop never waits for NumPy or PyTorch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.inference.drawings import StudioClosed
from gan.codes import IconCode

_Result = TypeVar("_Result")


class Threads:
    """`count` threads that draw single icons, and one for what takes seconds. Call `release` when done."""

    def __init__(self, count: int) -> None:
        self._closed = False
        self._pool = ThreadPoolExecutor(count, "studio", initializer=_one_torch_thread)
        # what takes seconds has a thread of its own, so that single icons need not wait for it
        self._slow_pool = ThreadPoolExecutor(1, "studio-slow", initializer=_one_torch_thread)

    def check_open(self, code: IconCode) -> None:
        """Raise `StudioClosed`, for one who asked for `code`, once new requests are refused."""
        if self._closed:
            raise StudioClosed(code, "The studio is closed.")

    async def draw(self, work: Callable[..., _Result], *args: object) -> _Result:
        """Do `work` where the icons are drawn: it waits for its turn as they do."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)

    async def aside(self, work: Callable[..., _Result], *args: object) -> _Result:
        """Do `work` beside the drawing of single icons. Raises `StudioClosed`."""
        self.check_open(IconCode.from_seed(0))
        return await asyncio.get_running_loop().run_in_executor(self._slow_pool, work, *args)

    def refuse(self) -> None:
        """Let nothing new be asked for; what was asked for goes on."""
        self._closed = True

    def release(self) -> None:
        """Let the threads go once they have done what they are at."""
        for pool in (self._pool, self._slow_pool):
            pool.shutdown(wait=False, cancel_futures=True)


def _one_torch_thread() -> None:
    """Keep each worker on one core: two threads with an icon each are faster than two threads on one icon."""
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
