"""Points discord.py at another Discord-compatible server, and back.

discord.py keeps its addresses in class attributes: every request reads `Route.BASE`, webhooks and
interaction callbacks included; every fresh connection reads `DEFAULT_GATEWAY`; avatars `Asset.BASE`. They belong to the
process, so bots that use different servers cannot run in one process at the same time.
"""

from __future__ import annotations

import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route


class Endpoints:
    """The addresses of one server; None leaves Discord's own."""

    def __init__(self, api_url: str | None, gateway_url: str | None, cdn_url: str | None = None) -> None:
        self._api_url = api_url
        self._gateway_url = gateway_url
        self._cdn_url = cdn_url
        self._before: tuple[str, yarl.URL, str] | None = None

    @property
    def gateway_given(self) -> bool:
        """Whether a gateway was named."""
        return self._gateway_url is not None

    def apply(self) -> None:
        """Point the library here; a second call does nothing."""
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
        """Put back what was there before `apply`."""
        if self._before is not None:
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = self._before
            self._before = None
