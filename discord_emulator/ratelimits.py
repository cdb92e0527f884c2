"""Rate limits: a fixed window for each bucket and major parameter, reported in Discord's headers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from discord_emulator.errors import ApiError, Json

if TYPE_CHECKING:
    from discord_emulator.context import Context
    from discord_emulator.limits import Rate


class RateLimited(ApiError):  # noqa: N818 - what Discord calls it
    """A 429, with its ``retry_after``."""

    def __init__(self, retry_after: float, headers: dict[str, str], *, everywhere: bool) -> None:
        super().__init__(429, 0, "You are being rate limited.", headers=headers)
        self.retry_after = retry_after
        self.everywhere = everywhere

    def body(self) -> Json:
        """Return the 429's body."""
        return {"message": self.message, "retry_after": round(self.retry_after, 3), "global": self.everywhere}


class RateLimits:
    """The requests to each bucket in its current window."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}  # -> (end of the window, requests in it)

    def take(self, family: str, major: str, *, by_bot: bool) -> dict[str, str]:
        """Count a request and return the response headers; raise RateLimited over the limit.

        by_bot: also counts towards the bot's global limit, unlike calls with an interaction token.
        """
        rates = self._context.limits.rates
        if "global" in rates and by_bot:
            self._count("global", "", rates["global"], everywhere=True)
        return self._count(family, major, rates[family], everywhere=False) if family in rates else {}

    def _count(self, family: str, major: str, rate: Rate, *, everywhere: bool) -> dict[str, str]:
        now = self._context.clock()
        end, used = self._windows.get((family, major), (0.0, 0))
        if now >= end or end - now > rate.window:
            end, used = now + rate.window, 0
        left = end - now
        headers = {
            "X-RateLimit-Limit": str(rate.limit),
            "X-RateLimit-Remaining": str(max(rate.limit - used - 1, 0)),
            "X-RateLimit-Reset": f"{end:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(family.encode(), usedforsecurity=False).hexdigest(),
        }
        if used >= rate.limit:
            # Without a Via header, clients assume a ban by Cloudflare.
            headers |= {"Via": "1.1 emulator", "Retry-After": f"{left:.3f}"}
            headers["X-RateLimit-Scope"] = "global" if everywhere else "user"
            if everywhere:
                headers = {"Via": "1.1 emulator", "Retry-After": f"{left:.3f}", "X-RateLimit-Global": "true"}
            raise RateLimited(left, headers, everywhere=everywhere)
        self._windows[family, major] = (end, used + 1)
        if len(self._windows) > 10_000:
            self._windows = {key: window for key, window in self._windows.items() if window[0] > now}
        return headers
