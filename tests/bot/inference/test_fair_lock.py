"""The fair lock serves owners in rotation."""

from __future__ import annotations

import asyncio

from bot.inference.fair_lock import FairLock
from tests.patience import ENOUGH


async def test_one_who_asks_for_much_does_not_keep_others_waiting() -> None:
    lock, order = FairLock(), list[str]()

    async def work(owner: str) -> None:
        async with lock.take(owner):
            order.append(owner)
            await asyncio.sleep(0)

    await asyncio.gather(*(work(owner) for owner in "aaaab"))
    assert "".join(order) == "aabaa"


async def test_who_gives_up_waiting_stops_nobody() -> None:
    lock = FairLock()
    async with lock.take("a"):
        given_up = [asyncio.ensure_future(_take(lock, owner)) for owner in "bc"]
        kept = asyncio.ensure_future(_take(lock, "d"))
        await asyncio.sleep(0)
        given_up[0].cancel()
    given_up[1].cancel()  # whose turn it is by now
    await asyncio.wait_for(kept, ENOUGH)
    await asyncio.wait_for(_take(lock, "e"), ENOUGH)
    assert all(task.cancelled() for task in given_up)


async def _take(lock: FairLock, owner: str) -> None:
    async with lock.take(owner):
        await asyncio.sleep(0)
