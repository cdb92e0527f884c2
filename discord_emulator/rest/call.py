"""A REST request as seen by handlers, and routing entries."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from discord_emulator import errors
from discord_emulator.multipart import Body, read_body
from discord_emulator.snowflakes import read_id

if TYPE_CHECKING:
    from aiohttp import web

    from discord_emulator.core import Core, LoggedRequest

_NUMBER = re.compile(r"-?[0-9]{1,20}")
MAJOR_PARAMETERS = ("channel_id", "guild_id", "webhook_id", "token")


@dataclass
class Call:
    """A request: the emulator's components, path ids and, on demand, the body."""

    core: Core
    request: web.Request
    log: LoggedRequest
    body: Body = field(default_factory=Body)

    def id(self, name: str) -> int:
        """Return an id of the path, or raise 50035 if it is not a snowflake."""
        text = self.request.match_info[name]
        found = read_id(text)
        if found is None:
            message = f'Value "{text}" is not snowflake.'
            raise errors.form_error({name: {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": message}]}})
        return found

    def text(self, name: str) -> str:
        """Return a path segment."""
        return self.request.match_info[name]

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return an integer of the query, or raise 50035."""
        text = self.request.query.get(name)
        if text is None:
            return default
        if not _NUMBER.fullmatch(text):
            error = ("NUMBER_TYPE_COERCE", f'Value "{text}" is not int.')
        elif int(text) < low:
            error = ("NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}.")
        elif int(text) > high:
            error = ("NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")
        else:
            return int(text)
        raise errors.form_error({name: {"_errors": [{"code": error[0], "message": error[1]}]}})

    async def read(self, upload_bytes: int = 0, *, json_bytes: int | None = None) -> Body:
        """Read the body; `upload_bytes` is the largest file allowed, `json_bytes` the largest JSON."""
        limits = self.core.limits if json_bytes is None else replace(self.core.limits, json_bytes=json_bytes)
        self.body = await read_body(self.request, limits, upload_bytes)
        self.log.body = self.body.payload
        self.log.files = [upload.filename for upload in self.body.named.values()]
        return self.body


# A handler returns the JSON of a 200, None for a 204, or a pair of status and JSON.
Answer = Any
Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True)
class Route:
    """A routing entry. `family` names the rate limit bucket; `open`: no bot token is needed."""

    method: str
    path: str
    handler: Handler
    family: str = "other"
    open: bool = False
