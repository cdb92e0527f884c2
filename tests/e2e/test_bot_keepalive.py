"""Heartbeats: how late an acknowledgement is said to be."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from discord import gateway

from bot.client import MeliconBot
from bot.connection import keepalive

INTERVAL = 41.25


class Beats:
    """The connection of a keep-alive thread, on a clock of its own: the thread's waiting is what lets time pass."""

    def __init__(self, beats: int, late: float = 0.0) -> None:
        self.HEARTBEAT = 1
        self.sequence = 7
        self.thread_id = threading.get_ident()
        self._max_heartbeat_timeout = 10 * INTERVAL
        self.loop = asyncio.get_running_loop()
        self.now = 1000.0
        self.left = beats
        self.late = late
        self.handler: Any = None

    def perf_counter(self) -> float:
        """The time."""
        return self.now

    def wait(self, seconds: float) -> bool:
        """Let the time pass; true once the thread is to end."""
        self.now += seconds
        self.left -= 1
        return self.left < 0

    async def send_heartbeat(self, data: dict[str, Any]) -> None:
        """Send; the acknowledgement overtakes the thread that waits for the sending to be done."""
        assert data == {"op": 1, "d": 7}
        self.now += self.late
        self.handler.ack()


@pytest.mark.parametrize("late", [0.0, 12.5])
async def test_an_acknowledgement_is_measured_from_its_own_heartbeat(
    late: float, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    beats = Beats(3, late)
    for module in (gateway, keepalive):
        monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=beats.perf_counter))
    beats.handler = keepalive.KeepAliveHandler(ws=beats, interval=INTERVAL, shard_id=0)
    beats.handler._stop_ev = beats
    await asyncio.to_thread(beats.handler.run)
    assert beats.handler.latency == late
    assert ("Can't keep up" in caplog.text) == (late > 10), "a connection that is late is still reported"


async def test_the_bot_s_connections_use_it(bot: MeliconBot) -> None:
    shard = bot.get_shard(0)
    assert shard
    assert type(shard._parent.ws._keep_alive) is keepalive.KeepAliveHandler
