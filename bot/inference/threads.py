"""The studio's worker threads, so that the event loop never blocks on NumPy or PyTorch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bot.inference.drawings import StudioClosed
from gan.codes import IconCode

_Result = TypeVar("_Result")


class Threads:
    """`count` threads for single icons, and one for long tasks. Call `release` when done."""

    def __init__(self, count: int) -> None:
        self._closed = False
        self._pool = ThreadPoolExecutor(count, "studio", initializer=_one_torch_thread)
        # long tasks have a separate thread, so that they do not delay single icons
        self._slow_pool = ThreadPoolExecutor(1, "studio-slow", initializer=_one_torch_thread)

    def check_open(self, code: IconCode) -> None:
        """Raise `StudioClosed`, with `code`, once new requests are refused."""
        if self._closed:
            raise StudioClosed(code, "The studio is closed.")

    async def draw(self, work: Callable[..., _Result], *args: object) -> _Result:
        """Run `work` in the drawing threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)

    async def aside(self, work: Callable[..., _Result], *args: object) -> _Result:
        """Run `work` in the thread for long tasks. Raises `StudioClosed`."""
        self.check_open(IconCode.from_seed(0))
        return await asyncio.get_running_loop().run_in_executor(self._slow_pool, work, *args)

    def refuse(self) -> None:
        """Refuse new requests; accepted ones continue."""
        self._closed = True

    def release(self) -> None:
        """Shut the executors down once their work is done."""
        for pool in (self._pool, self._slow_pool):
            pool.shutdown(wait=False, cancel_futures=True)


def _one_torch_thread() -> None:
    """Limit each worker to one core: two icons in parallel are faster than one on two cores."""
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
