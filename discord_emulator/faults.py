"""Fault injection for tests."""

from __future__ import annotations

import re
from dataclasses import dataclass

from discord_emulator.errors import ApiError, Json
from discord_emulator.ratelimits import RateLimited


@dataclass
class Fault:
    """Fail the next `times` requests of a method whose path (without ``/api/v10``) matches."""

    method: str
    pattern: re.Pattern[str]
    status: int
    times: int
    body: Json | None = None
    retry_after: float = 0.05
    after: bool = False  # process the request first, then return the error


class Faults:
    """The pending faults, in order."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Add a fault."""
        self._pending.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """Consume and return the fault for this request, if any."""
        for fault in self._pending:
            if fault.method in ("*", method) and fault.pattern.search(path):
                fault.times -= 1
                if fault.times <= 0:
                    self._pending.remove(fault)
                return fault
        return None


def fault_error(fault: Fault) -> ApiError:
    """Return a fault's error."""
    if fault.status == 429:
        headers = {"Via": "1.1 emulator", "Retry-After": str(fault.retry_after), "X-RateLimit-Scope": "shared"}
        return RateLimited(fault.retry_after, headers, everywhere=False)
    body = fault.body or {}
    return ApiError(fault.status, int(body.get("code", 0)), str(body.get("message", f"{fault.status}: Injected fault")))
