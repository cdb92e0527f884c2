"""The HTTP server: icons by code and avatars by hash, on the same studio as the bot.

    GET /icon/{code}.png|webp|svg?size=512&round=1
    GET /avatar/{md5 or sha256}?s=80

The pictures are the ones that the bot posts. A code that names its model draws the same pixels for ever, so its answer
may be cached for ever; other answers may be cached for an hour, as another model may be installed.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from bot.access.token_bucket import TokenBuckets
from bot.inference import DrawError, Studio, StudioClosed
from bot.web import formats, pages
from bot.web.formats import Format, NoVector
from gan.codes import CodeError, IconCode

log = logging.getLogger(__name__)

SMALLEST, LARGEST, USUAL = 16, 1024, 512  # pixels a side
GRAVATAR_USUAL = 80  # pixels, where `s` is left out
BURST, SECONDS = 60, 0.1  # requests of an address at once, and until it has one more
MOST_WAITING = 100  # icons; whoever comes then is asked to come again
_HASHES = (32, 64)  # hex digits of MD5 and SHA-256
_FOR_EVER, _FOR_AN_HOUR = "public, max-age=31536000, immutable", "public, max-age=3600"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Busy(Exception):  # noqa: N818
    """Too many icons are waiting."""


@dataclass(frozen=True)
class Order:
    """What a request asks for."""

    code: IconCode
    size: int
    round: bool
    format: Format


class IconServer:
    """The handlers and what they share."""

    def __init__(self, studio: Studio, *, behind_proxy: bool = False, cooldown: TokenBuckets | None = None) -> None:
        """`behind_proxy`: an address is the last one in X-Forwarded-For, which a reverse proxy sets."""
        self._studio = studio
        self._behind_proxy = behind_proxy
        self._cooldown = cooldown or TokenBuckets(BURST, SECONDS)

    def application(self) -> web.Application:
        """Return the application with its routes."""
        app = web.Application(middlewares=[self._limit, _answer_errors], client_max_size=1024)
        app.router.add_get("/", pages.landing)
        app.router.add_get("/robots.txt", pages.robots)
        app.router.add_get("/openapi.json", pages.openapi)
        app.router.add_get(r"/icon/{code:.+}.{format:png|webp|svg}", self._icon)
        app.router.add_get(r"/avatar/{hash:[0-9A-Fa-f]+}", self._avatar)
        return app

    @web.middleware
    async def _limit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Limit the rate of an address."""
        wait = self._cooldown.take(self._address(request))
        if wait > 0:
            return _error(429, "too many requests", {"Retry-After": str(math.ceil(wait))})
        return await handler(request)

    def _address(self, request: web.Request) -> str:
        forwarded = request.headers.get("X-Forwarded-For", "") if self._behind_proxy else ""
        return forwarded.rpartition(",")[2].strip() or request.remote or ""

    async def _icon(self, request: web.Request) -> web.StreamResponse:
        code = IconCode.parse(request.match_info["code"])
        size = _number(request, "size", USUAL)
        if not SMALLEST <= size <= LARGEST:
            raise ValueError(f"size goes from {SMALLEST} to {LARGEST} pixels")
        is_round = request.query.get("round", "0") not in ("", "0", "false")
        return await self._answer(request, Order(code, size, is_round, Format(request.match_info["format"])))

    async def _avatar(self, request: web.Request) -> web.StreamResponse:
        """Answer as Gravatar does; every hash has an icon, so `d` is not needed."""
        digest = request.match_info["hash"].lower()
        if len(digest) not in _HASHES:
            raise ValueError("the hash is an MD5 or a SHA-256 in hex digits")
        size = _number(request, "s", _number(request, "size", GRAVATAR_USUAL))
        order = Order(avatar_code(digest), min(max(size, SMALLEST), LARGEST), round=False, format=Format.PNG)
        return await self._answer(request, order)

    async def _answer(self, request: web.Request, order: Order) -> web.StreamResponse:
        pinned = self._studio.pin(order.code)
        tag = _tag(pinned, order)
        headers = {"ETag": tag, "Cache-Control": _FOR_EVER if order.code.model else _FOR_AN_HOUR}
        if tag in {part.strip() for part in request.headers.get("If-None-Match", "").split(",")}:
            return web.Response(status=304, headers=headers)
        if order.format is Format.SVG:
            body = await formats.vector(self._studio, pinned)
        else:
            if self._studio.busy >= MOST_WAITING:
                raise _Busy
            owner = self._address(request)
            drawing = await self._studio.draw(pinned, size=order.size, round=order.round, owner=owner)
            body = await formats.encoded(drawing.png, order.format)
        headers["X-Icon-Code"] = str(pinned).encode("ascii", "backslashreplace").decode()
        return web.Response(body=body, content_type=order.format.content_type, headers=headers)


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let any page use the answer, and answer errors in one line."""
    try:
        return _open_to_all(await handler(request))
    except web.HTTPException as error:
        return _error(error.status, (error.text or error.reason).strip())
    except _Busy:
        return _error(503, "too busy, try again in a moment", {"Retry-After": "2"})
    except StudioClosed:
        return _error(503, "the server is closing")
    except (CodeError, ValueError) as error:
        return _error(400, str(error))
    except (DrawError, NoVector) as error:
        return _error(404, str(error))


def avatar_code(digest: str) -> IconCode:
    """Return the code of the icon that belongs to the hash of an address (hex); frozen, like what a code means."""
    return IconCode.from_phrase(f"avatar {digest}")


def _number(request: web.Request, name: str, usual: int) -> int:
    given = request.query.get(name, "")
    if not given:
        return usual
    if not given.isdecimal() or len(given) > 5:
        raise ValueError(f"{name} is a whole number")
    return int(given)


def _tag(pinned: IconCode, order: Order) -> str:
    what = f"{pinned} {order.size} {order.round} {order.format}"
    return f'"{hashlib.sha256(what.encode()).hexdigest()[:32]}"'


def _error(status: int, text: str, headers: dict[str, str] | None = None) -> web.StreamResponse:
    return _open_to_all(web.Response(status=status, text=f"{text}\n", headers=headers))


def _open_to_all(response: web.StreamResponse) -> web.StreamResponse:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
