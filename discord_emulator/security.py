"""Access control: a token for the bot, a key for the page.

Every user of the machine can connect to 127.0.0.1. So the page and its API need a key, printed in its address and then
stored in a cookie. The bot's token opens the API and the gateway, interaction tokens work as on Discord, and files have
signed URLs.

Any web site can send requests to 127.0.0.1. The Host check prevents DNS rebinding, the Origin check cross-site requests
and WebSockets; the headers prevent an upload from acting as a page.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Middleware

from discord_emulator.errors import locked

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


KEY = "key"  # the key's name in the page's URL
_LOCKED_PAGE = Path(__file__).parent / "page" / "locked.html"


def cookie_name(port: int) -> str:
    """Return the name of the key's cookie. Cookies are shared by all ports of a host, so it includes the port."""
    return f"melicon-{port}"


def sign(key: str, path: str) -> str:
    """Return the signature ``hm`` in an upload's URL."""
    return hmac.digest(key.encode(), path.encode(), "sha256").hex()[:32]


def same(given: str, expected: str) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


def guard(port: int, key: str) -> Middleware:
    """Return the middleware for an emulator on `port` with the page's `key`."""
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"} | ({"127.0.0.1", "localhost"} if port == 80 else set())

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> StreamResponse:
        if request.headers.get("Host", "").lower() not in hosts:
            return web.Response(status=421, text="Misdirected request: this server answers to 127.0.0.1 only.")
        if _from_elsewhere(request):
            return web.Response(status=403, text="Cross-origin requests are refused.")
        try:
            response = _ask_for_key(request, port, key) or await handler(request)
        except web.HTTPException as error:
            error.headers.update(_HEADERS)
            raise
        if not response.prepared:
            for name, value in _HEADERS.items():
                response.headers.setdefault(name, value)
        return response

    return check


def _ask_for_key(request: web.Request, port: int, key: str) -> web.StreamResponse | None:
    """Return the response for a missing key or one in the URL; None lets the request pass."""
    if request.path != "/" and not request.path.startswith("/chat/"):
        return None
    given = request.query.get(KEY)
    if request.path == "/" and given is not None and same(given, key):
        # Remove the key from the URL, to keep it out of the history and screenshots.
        answer = web.HTTPSeeOther(request.rel_url.without_query_params(KEY))
        answer.set_cookie(cookie_name(port), key, httponly=True, samesite="Lax")
        raise answer
    if same(request.cookies.get(cookie_name(port), ""), key):
        return None
    if request.path == "/":
        return web.Response(status=403, text=_LOCKED_PAGE.read_text("utf-8"), content_type="text/html")
    error = locked()
    return web.json_response(error.body(), status=error.status)


def _from_elsewhere(request: web.Request) -> bool:
    """Whether a page of another origin tries to write or to open a WebSocket."""
    opens_socket = request.headers.get("Upgrade", "").lower() == "websocket"
    if request.method in _READING and not opens_socket:
        return False
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() != f"http://{request.headers['Host'].lower()}":
        return True
    return request.headers.get("Sec-Fetch-Site", "none") not in _SAME_SITE
