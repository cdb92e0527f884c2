"""The pipeline of REST requests: log, latency, faults, token, rate limits, then the handler."""

from __future__ import annotations

import asyncio
import hmac
import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from discord_emulator import errors
from discord_emulator.core import LoggedRequest
from discord_emulator.errors import ApiError
from discord_emulator.faults import fault_error
from discord_emulator.rest import (
    applications,
    channels,
    expressions,
    guilds,
    interactions,
    messages,
    reactions,
    users,
    webhooks,
)
from discord_emulator.rest.call import MAJOR_PARAMETERS, Call, Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from discord_emulator.core import Core

API = "/api/v10"
ROUTES: tuple[Route, ...] = (
    *users.ROUTES,
    *applications.ROUTES,
    *guilds.ROUTES,
    *expressions.ROUTES,
    *channels.ROUTES,
    *messages.ROUTES,
    *reactions.ROUTES,
    *interactions.ROUTES,
    *webhooks.ROUTES,
)


def json_response(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return JSON with exactly this content type: discord.py compares it, including the charset."""
    body = json.dumps(data).encode()
    return web.Response(body=body, status=status, headers={**(headers or {}), "Content-Type": "application/json"})


def add_routes(app: web.Application, core: Core) -> None:
    """Add the API's routes, with Discord's own 404 and 405 for all others."""
    for route in ROUTES:
        app.router.add_route(route.method, API + route.path, _bind(core, route))

    async def nowhere(request: web.Request) -> web.Response:
        path = request.path.removeprefix(API)
        core.requests.append(LoggedRequest(request.method, path, core.clock(), status=404))
        return json_response(errors.not_found().body(), 404)

    app.router.add_route("*", "/api/{rest:.*}", nowhere)


def _bind(core: Core, route: Route) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        path = request.path.removeprefix(API)
        log = LoggedRequest(request.method, path, core.clock(), dict(request.query))
        core.requests.append(log)
        try:
            response = await _answer(core, route, Call(core, request, log))
        except ApiError as error:
            log.code = error.code
            core.interactions.note_refusal(request.match_info.get("token", ""), error)
            response = json_response(error.body(), error.status, error.headers)
        log.status = response.status
        return response

    return handle


async def _answer(core: Core, route: Route, call: Call) -> web.Response:
    request = call.request
    if core.latency:
        await asyncio.sleep(core.latency)
    fault = core.faults.take(request.method, call.log.path)
    if fault and not fault.after:
        await request.release()
        raise fault_error(fault)
    if not route.open:
        _check_token(core, request)
    major = "/".join(f"{key}={value}" for key, value in request.match_info.items() if key in MAJOR_PARAMETERS)
    headers = core.rate_limits.take(route.family, major, by_bot=not route.open)
    try:
        answer = await route.handler(call)
    except ApiError as error:
        error.headers = {**headers, **error.headers}
        raise
    if fault:
        raise fault_error(fault)
    if answer is None:
        return web.Response(status=204, headers=headers)
    status, data = answer if isinstance(answer, tuple) else (200, answer)
    return json_response(data, status, headers)


def _check_token(core: Core, request: web.Request) -> None:
    expected = f"Bot {core.world.token}".encode()
    given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(given, expected):
        raise errors.unauthorized()
