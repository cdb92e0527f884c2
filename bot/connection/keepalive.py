"""Heartbeats whose latency is measured from the moment they are sent.

The library notes the time of a heartbeat on its own thread, after the event loop has sent it. An acknowledgement that
arrives before that thread runs again, as it does from a server on the same machine or while the processor is busy, is
measured from the heartbeat before: it looks one whole interval late, and the log says "Can't keep up, shard ID 0
websocket is 41.3s behind" while all is well.
"""

from __future__ import annotations

import time
from typing import Any

from discord import gateway


class KeepAliveHandler(gateway.KeepAliveHandler):
    """The library's keep-alive thread; it notes the time before a heartbeat is sent."""

    def get_payload(self) -> dict[str, Any]:
        """Return the heartbeat to send now."""
        self._last_send = time.perf_counter()
        return super().get_payload()


def install() -> None:
    """Let every gateway connection of this process use the handler above."""
    gateway.KeepAliveHandler = KeepAliveHandler  # type: ignore[misc]  # the library offers no other way
