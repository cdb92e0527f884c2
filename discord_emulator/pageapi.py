"""The chat page's JSON API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from discord_emulator import invoke, messages, modals
from discord_emulator.broadcast import can_see
from discord_emulator.errors import ApiError, InteractionFailed, Json, UsageError
from discord_emulator.model import base_permissions
from discord_emulator.multipart import Body, read_body
from discord_emulator.payloads import role_json, user_json
from discord_emulator.rest.pipeline import json_response
from discord_emulator.snowflakes import read_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from discord_emulator.core import Core
    from discord_emulator.interactions import Interaction
    from discord_emulator.model import Channel, Guild, User

_AUTOCOMPLETE_SECONDS = 3.5


class PageApi:
    """Handlers under ``/chat``."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def add_routes(self, app: web.Application) -> None:
        """Add the routes to an application."""
        app.router.add_get("/chat/state", self._wrap(self._state))
        app.router.add_get("/chat/ws", self._socket)
        app.router.add_post("/chat/messages", self._wrap(self._message))
        app.router.add_post("/chat/command", self._wrap(self._command))
        app.router.add_post("/chat/autocomplete", self._wrap(self._autocomplete))
        app.router.add_post("/chat/component", self._wrap(self._component))
        app.router.add_post("/chat/modal", self._wrap(self._modal))

    def _wrap(
        self, handler: Callable[[web.Request], Awaitable[Json]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Convert a handler's result or exception to JSON."""

        async def handle(request: web.Request) -> web.Response:
            try:
                return json_response(await handler(request))
            except ApiError as error:
                return json_response(error.body(), error.status, error.headers)
            except (UsageError, InteractionFailed) as error:
                status = 400 if isinstance(error, UsageError) else 504
                return json_response({"message": str(error), "code": 0}, status)

        return handle

    def _user(self, value: Any) -> User:
        user = self._core.world.users.get(read_id(value) or 0)
        if user is None or user.bot:
            raise UsageError("There is no such user.")
        return user

    def _channel(self, user: User, value: Any) -> Channel:
        channel = self._core.world.channel(read_id(value) or 0)
        if not channel.permissions_of(user):
            raise UsageError("There is no such channel.")
        return channel

    async def _read(self, request: web.Request) -> tuple[Json, User, Body]:
        largest = max(
            [self._core.limits.upload_bytes, *(g.upload_bytes or 0 for g in self._core.world.guilds.values())]
        )
        body = await read_body(request, self._core.limits, largest)
        if not isinstance(body.payload, dict):
            raise UsageError("The body must be a JSON object.")
        return body.payload, self._user(body.payload.get("user")), body

    async def _state(self, request: web.Request) -> Json:
        world = self._core.world
        people = [user for user in world.users.values() if not user.bot]
        asked = request.query.get("user")
        me = self._user(asked) if asked else world.owner
        guild = next(iter(world.guilds.values()))
        channels = [c for c in [*guild.channels.values(), *world.private.values()] if c.permissions_of(me)]
        return {
            "users": [self._user_json(user, guild) for user in people],
            "me": self._user_json(me, guild),
            "application": {"id": str(world.application_id), "name": world.application_name},
            "bot": self._user_json(world.bot, guild) | {"online": self._core.gateway.online},
            "guild": {
                "id": str(guild.id),
                "name": guild.name,
                "roles": [role_json(role) for role in guild.roles.values()],
            },
            "channels": [self._channel_json(channel, me) for channel in channels],
            "messages": {
                str(channel.id): [m.json() for m in self._core.history.all(channel.id) if can_see(m, me)]
                for channel in channels
            },
            **self._core.commands.offered(me),
        }

    def _user_json(self, user: User, guild: Guild) -> Json:
        member = guild.members[user.id]
        return user_json(user) | {
            "avatar_url": f"{self._core.origin}/avatars/{user.id}/{user.avatar}.png",
            "role": user.standing,
            "locale": user.locale,
            "roles": [str(role) for role in member.roles],
            "permissions": str(base_permissions(guild, member)),
        }

    def _channel_json(self, channel: Channel, user: User) -> Json:
        name = channel.name if channel.guild else f"@{self._core.world.bot.name}"
        permissions = str(channel.permissions_of(user))
        kind = 0 if channel.guild else 1
        return {"id": str(channel.id), "name": name, "topic": channel.topic, "type": kind, "permissions": permissions}

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        try:
            user = self._user(request.query.get("user", str(self._core.world.owner.id)))
        except UsageError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        return await self._core.pages.serve(request, user)

    async def _message(self, request: web.Request) -> Json:
        payload, user, body = await self._read(request)
        channel = self._channel(user, payload.get("channel_id"))
        message = messages.say(self._core, user, channel, payload, list(body.named.values()))
        return message.json()

    async def _command(self, request: web.Request) -> Json:
        payload, user, body = await self._read(request)
        channel = self._channel(user, payload.get("channel_id"))
        command = self._find(user, channel, payload)
        nonce = _nonce(payload)
        if command["type"] != 1:
            number = read_id(payload.get("target_id")) or 0
            return _started(invoke.use_context_menu(self._core, user, channel, command, number, nonce=nonce))
        options = _objects(payload.get("options"))
        return _started(
            invoke.use_command(self._core, user, channel, command, options=options, files=body.named, nonce=nonce)
        )

    def _find(self, user: User, channel: Channel, payload: Json) -> Json:
        return self._core.commands.find_by_id(user, channel, read_id(payload.get("command_id")) or 0)

    async def _autocomplete(self, request: web.Request) -> Json:
        payload, user, _ = await self._read(request)
        channel = self._channel(user, payload.get("channel_id"))
        command = self._find(user, channel, payload)
        options = _objects(payload.get("options"))
        interaction = invoke.type_into_command(self._core, user, channel, command, options)
        await interaction.wait(lambda: interaction.settled, _AUTOCOMPLETE_SECONDS)
        return {"choices": interaction.choices or []}

    async def _component(self, request: web.Request) -> Json:
        payload, user, _ = await self._read(request)
        channel = self._channel(user, payload.get("channel_id"))
        message = self._core.history.get(channel.id, read_id(payload.get("message_id")) or 0)
        if message is None:
            raise UsageError("There is no such message.")
        values = payload.get("values")
        chosen = values if isinstance(values, list) else []
        custom_id = str(payload.get("custom_id"))
        return _started(invoke.use_component(self._core, user, message, custom_id, chosen, nonce=_nonce(payload)))

    async def _modal(self, request: web.Request) -> Json:
        payload, user, body = await self._read(request)
        opener = self._core.interactions.get(read_id(payload.get("interaction_id")) or 0)
        if opener is None or opener.modal is None or opener.modal["custom_id"] != payload.get("custom_id"):
            raise UsageError("That modal is not open.")
        answers = modals.modal_answers(payload.get("components"))
        nonce = _nonce(payload)
        return _started(modals.submit_modal(self._core, opener, user, answers, body.named, nonce=nonce))


def _started(interaction: Interaction) -> Json:
    return {"interaction_id": str(interaction.id)}


def _nonce(payload: Json) -> str | None:
    nonce = payload.get("nonce")
    return str(nonce)[:64] if nonce is not None else None


def _objects(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
