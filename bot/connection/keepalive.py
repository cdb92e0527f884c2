"""Measures heartbeat latency from the moment of sending.

The library records the time on its own thread after the event loop has sent the heartbeat. If the acknowledgement
arrives first (a local server, a busy CPU), latency is measured from the previous heartbeat, and the log wrongly says
"Can't keep up, shard ID 0 websocket is 41.3s behind".
"""

from __future__ import annotations

import time
from typing import Any

from discord import gateway


class KeepAliveHandler(gateway.KeepAliveHandler):
    """The library's keep-alive thread, with the time recorded before sending."""

    def get_payload(self) -> dict[str, Any]:
        """Return the heartbeat payload."""
        self._last_send = time.perf_counter()
        return super().get_payload()


def install() -> None:
    """Install the handler for all gateway connections of this process."""
    gateway.KeepAliveHandler = KeepAliveHandler  # type: ignore[misc]  # the library offers no other way
