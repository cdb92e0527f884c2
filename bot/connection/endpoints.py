"""Redirects discord.py to a Discord-compatible server, and restores its URLs.

discord.py keeps its URLs in class attributes: `Route.BASE` for all requests, `DEFAULT_GATEWAY` for new connections and
`Asset.BASE` for avatars. They are process-wide, so one process cannot run bots on different servers.
"""

from __future__ import annotations

import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route


class Endpoints:
    """The URLs of one server; None keeps Discord's."""

    def __init__(self, api_url: str | None, gateway_url: str | None, cdn_url: str | None = None) -> None:
        self._api_url = api_url
        self._gateway_url = gateway_url
        self._cdn_url = cdn_url
        self._before: tuple[str, yarl.URL, str] | None = None

    @property
    def gateway_given(self) -> bool:
        """Whether a gateway URL is set."""
        return self._gateway_url is not None

    def apply(self) -> None:
        """Set the library's URLs; idempotent."""
        if self._before is not None:
            return
        self._before = (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE)
        if self._api_url:
            Route.BASE = self._api_url
        if self._gateway_url:
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(self._gateway_url)
        if self._cdn_url:
            Asset.BASE = self._cdn_url

    def restore(self) -> None:
        """Restore the previous URLs."""
        if self._before is not None:
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = self._before
            self._before = None
