"""What the server answers beside icons: a page to try it, robots.txt and the description of its interface."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web

_PAGE = (Path(__file__).parent / "landing.html").read_text("utf-8")


def _parameter(where: str, name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema, "description": description}


_ANSWERS = {
    "200": {"description": "The picture"},
    "304": {"description": "The picture is the one that If-None-Match names"},
    "400": {"description": "The request is not valid; the text says why"},
    "404": {"description": "There is no such style or model, or no drawing in this format"},
    "429": {"description": "Too many requests from this address"},
    "503": {"description": "Too many icons are waiting"},
}
_OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Melicon", "version": "1", "description": "Icons by code and avatars by hash."},
    "paths": {
        "/icon/{code}.{format}": {
            "get": {
                "summary": "Draw the icon of a code",
                "parameters": [
                    _parameter("path", "code", {"type": "string"}, "A number, a word or an icon code"),
                    _parameter("path", "format", {"enum": ["png", "webp", "svg"]}, "SVG: the shipped style only"),
                    _parameter("query", "size", {"type": "integer", "minimum": 16, "maximum": 1024}, "Pixels a side"),
                    _parameter("query", "round", {"type": "boolean"}, "Transparent outside of a circle"),
                ],
                "responses": _ANSWERS,
            }
        },
        "/avatar/{hash}": {
            "get": {
                "summary": "Draw the avatar of a person, as Gravatar does",
                "parameters": [
                    _parameter("path", "hash", {"type": "string"}, "MD5 or SHA-256 of an e-mail address, in hex"),
                    _parameter("query", "s", {"type": "integer"}, "Pixels a side, 80 if left out"),
                ],
                "responses": _ANSWERS,
            }
        },
    },
}


async def landing(_: web.Request) -> web.Response:
    """Answer with the page on which one types a word and gets an icon."""
    return web.Response(text=_PAGE, content_type="text/html")


async def robots(_: web.Request) -> web.Response:
    """Keep crawlers from drawing icons without end."""
    return web.Response(text="User-agent: *\nAllow: /$\nDisallow: /\n")


async def openapi(_: web.Request) -> web.Response:
    """Answer with the OpenAPI description."""
    return web.json_response(_OPENAPI)
