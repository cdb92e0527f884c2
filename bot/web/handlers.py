"""The routes of `melicon serve`: icons by code and avatars by hash.

    GET /icon/{code}.png|webp|svg?size=512&round=1
    GET /avatar/{md5 or sha256}?s=80

The pixels are those of the bot. Answers to codes that name a model may be cached for ever; others for an hour, because
the default model may change.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from bot.access.token_bucket import TokenBuckets
from bot.inference import DrawError, NoSuchTweak, Studio, StudioClosed, UnknownModel, UnknownStyle
from bot.inference.formats import Format, FormatConverter, NoVector
from bot.web import pages
from gan.codes import CodeError, IconCode

log = logging.getLogger(__name__)

SMALLEST, LARGEST, DEFAULT = 16, 1024, 512  # pixels a side
GRAVATAR_DEFAULT = 80  # pixels
BURST, SECONDS = 60, 0.1  # burst of requests of a client, and the time until one more
MOST_WAITING = 100  # icons in the queue; beyond, requests get 503
_DIGITS = (32, 64)  # of MD5 and SHA-256 in hex
_FOR_EVER, _FOR_AN_HOUR = "public, max-age=31536000, immutable", "public, max-age=3600"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Busy(Exception):  # noqa: N818 - not an error of the program
    """The queue is full."""


@dataclass(frozen=True)
class IconRequest:
    """A parsed request."""

    code: IconCode
    size: int
    round: bool
    format: Format


class IconServer:
    """The handlers and their shared state."""

    def __init__(self, studio: Studio, *, behind_proxy: bool = False, limits: TokenBuckets | None = None) -> None:
        """`behind_proxy`: the client's address is the last one in X-Forwarded-For."""
        self._studio = studio
        self._behind_proxy = behind_proxy
        self._limits = limits or TokenBuckets(BURST, SECONDS)
        self._formats = FormatConverter()

    def application(self) -> web.Application:
        """Return the application."""
        app = web.Application(middlewares=[_answer_errors, self._limit], client_max_size=1024)
        app.router.add_get("/", pages.landing)
        app.router.add_get("/robots.txt", pages.robots)
        app.router.add_get("/openapi.json", pages.openapi)
        app.router.add_get(r"/icon/{code:.+}.{format:png|webp|svg}", self._icon)
        app.router.add_get(r"/avatar/{hash:[0-9A-Fa-f]+}", self._avatar)
        return app

    @web.middleware
    async def _limit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Limit the rate of each client."""
        wait = self._limits.take(self._client(request))
        if wait > 0:
            raise web.HTTPTooManyRequests(text="too many requests", headers={"Retry-After": str(math.ceil(wait))})
        return await handler(request)

    def _client(self, request: web.Request) -> str:
        """Return what identifies a client: its IPv4 address, or the /64 of its IPv6 address, which one host owns."""
        forwarded = request.headers.get("X-Forwarded-For", "") if self._behind_proxy else ""
        address = forwarded.rpartition(",")[2].strip() or request.remote or ""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return address
        return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address

    async def _icon(self, request: web.Request) -> web.StreamResponse:
        code = IconCode.parse(request.match_info["code"])
        size = _number(request, "size", DEFAULT)
        if not SMALLEST <= size <= LARGEST:
            raise ValueError(f"size must be from {SMALLEST} to {LARGEST} pixels")
        is_round = request.query.get("round", "0") not in ("", "0", "false")
        wanted = IconRequest(code, size, is_round, Format(request.match_info["format"]))
        return await self._answer(request, wanted)

    async def _avatar(self, request: web.Request) -> web.StreamResponse:
        """Answer as Gravatar does; `d` is ignored, because every hash has an icon."""
        digest = request.match_info["hash"].lower()
        if len(digest) not in _DIGITS:
            raise ValueError("the hash must be an MD5 or a SHA-256 in hex digits")
        size = _number(request, "s", _number(request, "size", GRAVATAR_DEFAULT))
        size = min(max(size, SMALLEST), LARGEST)
        return await self._answer(request, IconRequest(avatar_code(digest), size, round=False, format=Format.PNG))

    async def _answer(self, request: web.Request, wanted: IconRequest) -> web.StreamResponse:
        pinned = self._studio.pin(wanted.code)
        tag = _tag(pinned, wanted)
        response = web.Response(content_type=wanted.format.content_type)
        response.etag = tag
        response.headers["Cache-Control"] = _FOR_EVER if wanted.code.model else _FOR_AN_HOUR
        if any(known.value in (tag, "*") for known in request.if_none_match or ()):
            response.set_status(304)
            return response
        if self._studio.busy + self._formats.waiting >= MOST_WAITING:
            raise Busy
        response.headers["X-Icon-Code"] = str(pinned).encode("ascii", "backslashreplace").decode()
        response.body = await self._encoded(pinned, wanted, self._client(request))
        return response

    async def _encoded(self, pinned: IconCode, wanted: IconRequest, client: str) -> bytes:
        if wanted.format is Format.SVG:
            return await self._formats.svg(self._studio.sampler_for(pinned), pinned)
        drawing = await self._studio.draw(pinned, size=wanted.size, round=wanted.round, owner=client)
        if wanted.format is Format.WEBP:
            return await self._formats.webp(drawing, round=wanted.round)
        return drawing.png


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors in one line, and allow all origins."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        response = _error(error.status, (error.text or error.reason).strip())
        if wait := error.headers.get("Retry-After"):
            response.headers["Retry-After"] = wait
    except Busy:
        response = _error(503, "too busy, try again in a moment")
        response.headers["Retry-After"] = "2"
    except StudioClosed:
        response = _error(503, "the server is shutting down")
    except (CodeError, ValueError) as error:
        response = _error(400, str(error))
    except (UnknownStyle, UnknownModel, NoSuchTweak, NoVector) as error:
        response = _error(404, str(error))
    except DrawError:  # logged with its code
        response = _error(500, "drawing the icon failed")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def avatar_code(digest: str) -> IconCode:
    """Return the icon code of a hash (hex). Frozen: a released hash keeps its icon."""
    return IconCode.from_phrase(f"avatar {digest}")


def _number(request: web.Request, name: str, default: int) -> int:
    given = request.query.get(name, "")
    if not given:
        return default
    if not given.isdecimal() or len(given) > 5:
        raise ValueError(f"{name} must be a whole number")
    return int(given)


def _tag(pinned: IconCode, wanted: IconRequest) -> str:
    what = f"{pinned} {wanted.size} {wanted.round} {wanted.format}"
    return hashlib.sha256(what.encode()).hexdigest()[:32]


def _error(status: int, text: str) -> web.StreamResponse:
    return web.Response(status=status, text=f"{text}\n")
