"""Serves the chat page's files, uploads and avatars."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web
from yarl import URL

from discord_emulator.attachments import safe_type
from discord_emulator.avatars import bot_png
from discord_emulator.security import same
from discord_emulator.snowflakes import read_id

if TYPE_CHECKING:
    from discord_emulator.core import Core

PAGE = Path(__file__).parent / "page"
_STATIC_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_STILL = ("png", "jpg", "jpeg", "webp")
_PLACEHOLDER = "<!doctype html><title>Melicon</title><p>The emulator is running; its chat page is not installed.</p>"


class Assets:
    """File handlers."""

    def __init__(self, core: Core) -> None:
        self._core = core
        # looked up by name: no path is built from a request
        self._files = {path.relative_to(PAGE).as_posix(): path for path in PAGE.rglob("[!.]*") if path.is_file()}

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to an application."""
        app.router.add_get("/", self._page)
        app.router.add_get("/static/{path:.+}", self._static)
        app.router.add_get("/favicon.ico", self._favicon)
        app.router.add_get("/attachments/{channel}/{id}/{filename}", self._attachment)
        app.router.add_get("/avatars/{user}.png", self._avatar)
        app.router.add_get("/avatars/{user}/{hash}.png", self._avatar)
        app.router.add_get("/icons/{guild}/{hash}.{extension}", self._guild_icon)
        app.router.add_get("/embed/avatars/{index}.png", self._default_avatar)

    async def _page(self, _: web.Request) -> web.StreamResponse:
        path = PAGE / "index.html"
        if not path.is_file():
            return web.Response(text=_PLACEHOLDER, content_type="text/html")
        return web.FileResponse(path, headers={"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache"})

    async def _static(self, request: web.Request) -> web.StreamResponse:
        path = self._files.get(request.match_info["path"])
        if path is None:
            raise web.HTTPNotFound
        kind = _STATIC_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        return web.FileResponse(path, headers={"Content-Type": kind + charset, "Cache-Control": "no-cache"})

    async def _favicon(self, _: web.Request) -> web.StreamResponse:
        path = PAGE / "favicon.svg"
        if not path.is_file():
            return web.Response(status=204)
        return web.FileResponse(path, headers={"Content-Type": "image/svg+xml"})

    async def _attachment(self, request: web.Request) -> web.StreamResponse:
        """Serve an upload: pictures inline, everything else as a download that no browser renders."""
        info = request.match_info
        found = self._core.attachments.get(read_id(info["id"]) or 0)
        if found is None or not same(str(request.rel_url), str(URL(found.url).relative())):
            raise web.HTTPNotFound
        kind = safe_type(found.data)
        way = "inline" if kind else "attachment"
        headers = {
            "Content-Type": kind or "application/octet-stream",
            "Content-Disposition": f"{way}; filename*=UTF-8''{quote(found.filename)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=3600",
        }
        return web.Response(body=found.data, headers=headers)

    async def _avatar(self, request: web.Request) -> web.StreamResponse:
        found = self._core.world.users.get(read_id(request.match_info["user"]) or 0)
        if found is None:
            raise web.HTTPNotFound
        return _png(bot_png() if found.standing == "bot" else self._core.draw_avatar(found.username))

    async def _guild_icon(self, request: web.Request) -> web.StreamResponse:
        """Serve a guild's icon as it was uploaded; Discord would convert it and scale it to `size`."""
        info = request.match_info
        guild = self._core.world.guilds.get(read_id(info["guild"]) or 0)
        if guild is None or guild.icon is None or guild.icon_hash != info["hash"]:
            raise web.HTTPNotFound
        if info["extension"] not in _STILL:  # only an animated icon is available as a GIF
            raise web.HTTPUnsupportedMediaType
        return web.Response(body=guild.icon, content_type=safe_type(guild.icon) or "application/octet-stream")

    async def _default_avatar(self, request: web.Request) -> web.StreamResponse:
        index = request.match_info["index"]
        if not index.isdecimal() or len(index) > 2:
            raise web.HTTPNotFound
        return _png(self._core.draw_avatar(index))


def _png(data: bytes) -> web.Response:
    return web.Response(body=data, content_type="image/png", headers={"Cache-Control": "max-age=86400"})
