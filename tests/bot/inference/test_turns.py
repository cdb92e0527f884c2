"""Users take turns at what only one can do at a time."""

from __future__ import annotations

import asyncio

from bot.inference.fair_lock import FairLock
from tests.patience import ENOUGH


async def test_one_who_asks_for_much_does_not_keep_others_waiting() -> None:
    turns, order = FairLock(), list[str]()

    async def work(owner: str) -> None:
        async with turns.take(owner):
            order.append(owner)
            await asyncio.sleep(0)

    await asyncio.gather(*(work(owner) for owner in "aaaab"))
    assert "".join(order) == "aabaa"


async def test_who_gives_up_waiting_stops_nobody() -> None:
    turns = FairLock()
    async with turns.take("a"):
        given_up = [asyncio.ensure_future(_take(turns, owner)) for owner in "bc"]
        kept = asyncio.ensure_future(_take(turns, "d"))
        await asyncio.sleep(0)
        given_up[0].cancel()
    given_up[1].cancel()  # whose turn it is by now
    await asyncio.wait_for(kept, ENOUGH)
    await asyncio.wait_for(_take(turns, "e"), ENOUGH)
    assert all(task.cancelled() for task in given_up)


async def _take(turns: FairLock, owner: str) -> None:
    async with turns.take(owner):
        await asyncio.sleep(0)
