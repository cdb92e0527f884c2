"""Who may talk to the emulator: programs and pages of this machine, and no page of another origin.

A browser lets any web site send requests to 127.0.0.1. The Host check stops DNS rebinding, the Origin check stops
cross-site requests and WebSockets; the headers keep an uploaded file from ever acting as a page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Middleware

if TYPE_CHECKING:
    from aiohttp.web import StreamResponse

Handler = Callable[[web.Request], Awaitable["StreamResponse"]]

_READING = ("GET", "HEAD", "OPTIONS")
_SAME_SITE = ("same-origin", "none")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}


def guard(port: int) -> Middleware:
    """Return the middleware for an emulator that listens on `port`."""
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"} | ({"127.0.0.1", "localhost"} if port == 80 else set())

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> StreamResponse:
        if request.headers.get("Host", "").lower() not in hosts:
            return web.Response(status=421, text="Misdirected request: this server answers to 127.0.0.1 only.")
        if _from_elsewhere(request):
            return web.Response(status=403, text="Cross-origin requests are refused.")
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(_HEADERS)
            raise
        if not response.prepared:
            for name, value in _HEADERS.items():
                response.headers.setdefault(name, value)
        return response

    return check


def _from_elsewhere(request: web.Request) -> bool:
    """Whether a page of another origin tries to change something or to open a WebSocket."""
    opens_socket = request.headers.get("Upgrade", "").lower() == "websocket"
    if request.method in _READING and not opens_socket:
        return False
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() != f"http://{request.headers['Host'].lower()}":
        return True
    return request.headers.get("Sec-Fetch-Site", "none") not in _SAME_SITE
