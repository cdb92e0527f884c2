"""The emulator: an aiohttp application on 127.0.0.1."""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from aiohttp import web

from discord_emulator import messages
from discord_emulator.actions import Actions
from discord_emulator.archive import Archive, Contents, open_or_replace
from discord_emulator.assets import Assets
from discord_emulator.broadcast import broadcast_commands
from discord_emulator.core import Core, LoggedRequest, SyncCall
from discord_emulator.faults import Fault
from discord_emulator.limits import PATIENCE, Limits
from discord_emulator.model import Guild, Overwrite, User
from discord_emulator.pageapi import PageApi
from discord_emulator.permissions import Permission
from discord_emulator.personas import BOT_PERMISSIONS, WELCOME, add_guild, build_world
from discord_emulator.rest.pipeline import API, add_routes
from discord_emulator.restoring import restore_messages
from discord_emulator.security import KEY, cookie_name, guard
from discord_emulator.worldfile import read_world

if TYPE_CHECKING:
    from pathlib import Path

    from discord_emulator.clock import Clock
    from discord_emulator.errors import Json

HOST = "127.0.0.1"


class Emulator(Actions):
    """A small, strict Discord. Create it by ``await Emulator.start()``, and call ``await close()``."""

    def __init__(self, core: Core, runner: web.AppRunner, port: int, notice: str | None = None) -> None:
        super().__init__(core)
        self.port = port
        self.notice = notice  # a warning for the user if the world could not be loaded or saved
        self._runner = runner

    @classmethod
    async def start(
        cls,
        port: int = 0,
        *,
        clock: Clock = time.time,
        deadline_clock: Clock | None = None,
        limits: Limits | None = None,
        token: str | None = None,
        bot_permissions: int = BOT_PERMISSIONS,
        privileged_intents: int = 0,
        key: str | None = None,
        folder: Path | None = None,
        draw_avatar: Callable[[str], bytes] | None = None,
    ) -> Emulator:
        """Listen on 127.0.0.1.

        port: 0 takes any free one.
        clock: the time (see ManualClock).
        deadline_clock: measures the 3 s deadline; defaults to `clock`. Tests can use one that a busy machine does not
        advance, such as `time.process_time`.
        bot_permissions: of the bot's own role.
        privileged_intents: the bits enabled in the application's settings (none by default).
        folder: where the world is persisted, as discord.db; None disables that.
        key: opens the page of a new world; None generates one.
        draw_avatar: creates a user's avatar (PNG) from their name.
        Raises OSError when the port is taken.
        """
        listener = _listen(port)
        bound = int(listener.getsockname()[1])
        archive, kept, notice = await asyncio.to_thread(_open, folder, clock)
        if "world" in kept.facts:
            world = read_world(kept, clock, token)
        else:
            world = build_world(clock, token=token, bot_permissions=bot_permissions)
        key = kept.facts.get("key") or key or secrets.token_urlsafe(18)
        origin = f"http://{HOST}:{bound}"
        core = Core(
            world,
            clock,
            limits or Limits(),
            origin=origin,
            privileged_intents=privileged_intents,
            key=key,
            deadline_clock=deadline_clock or clock,
        )
        if draw_avatar is not None:
            core.draw_avatar = draw_avatar
        restore_messages(core, kept)
        core.archive = archive
        if not kept.facts:
            messages.welcome(core, WELCOME)
        if archive:
            archive.put_fact("key", key)
            archive.put_fact("origin", core.origin)
            core.keep_world()
        app = web.Application(middlewares=[guard(bound, key)], client_max_size=core.limits.request_bytes)
        add_routes(app, core)
        PageApi(core).add_routes(app)
        Assets(core).add_routes(app)
        for path in ("/gw", "/gw/"):
            app.router.add_get(path, core.gateway.handle)
        # aiohttp's keep-alive timeout also covers a connection whose request does not arrive
        patience = core.limits.head_seconds
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, keepalive_timeout=patience)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        return cls(core, runner, bound, notice)

    async def close(self) -> None:
        """Close every socket and stop listening."""
        self.core.interactions.close()
        await self.core.gateway.close()
        await self.core.pages.close()
        await self._runner.cleanup()
        archive, self.core.archive = self.core.archive, None
        if archive:
            await asyncio.to_thread(archive.close)

    @property
    def url(self) -> str:
        """The server's URL."""
        return self.core.origin

    @property
    def page_url(self) -> str:
        """The chat page's URL, with its key."""
        return f"{self.core.origin}/?{KEY}={self.core.key}"

    @property
    def cookie(self) -> str:
        """The Cookie header of an authenticated page."""
        return f"{cookie_name(self.port)}={self.core.key}"

    @property
    def api_url(self) -> str:
        """The REST API's URL: discord.py's ``Route.BASE``."""
        return self.core.origin + API

    @property
    def gateway_url(self) -> str:
        """The gateway's URL: discord.py's ``DEFAULT_GATEWAY``."""
        return self.core.gateway_url

    @property
    def cdn_url(self) -> str:
        """The CDN's URL: discord.py's ``Asset.BASE``."""
        return self.core.origin

    @property
    def token(self) -> str:
        """A valid bot token."""
        return self.core.world.token

    @property
    def application_id(self) -> int:
        """The id of the bot's application and of the bot."""
        return self.core.world.application_id

    @property
    def limits(self) -> Limits:
        """The enforced limits; tests may change them."""
        return self.core.limits

    @property
    def latency(self) -> float:
        """Delay of every REST response in seconds."""
        return self.core.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self.core.latency = seconds

    @property
    def requests(self) -> list[LoggedRequest]:
        """The REST requests so far, oldest first."""
        return list(self.core.requests)

    @property
    def sync_calls(self) -> list[SyncCall]:
        """Every PUT of commands so far."""
        return self.core.sync_calls

    async def wait_ready(self, timeout: float = PATIENCE, *, shards: int = 1) -> None:  # noqa: ASYNC109 - a test's own limit
        """Wait until `shards` shards of a bot have received READY and their guilds.

        The bot's own ``on_ready`` comes `guild_ready_timeout` later. Raises TimeoutError.
        """
        await self.core.gateway.wait(shards, timeout)

    def drop_gateway(
        self, *, resumable: bool = True, how: Literal["close", "abort", "reconnect", "invalid"] = "close"
    ) -> int:
        """Break the bot's gateway connections and return their number.

        close: with code 4000; abort: without a close frame; reconnect: opcode 7; invalid: opcode 9. Not resumable: the
        sessions are deleted, so that the bot must identify again.
        """
        return self.core.gateway.drop(resumable=resumable, how=how)

    def fail_next(
        self,
        method: str,
        path_pattern: str,
        status: int,
        times: int = 1,
        *,
        body: Json | None = None,
        retry_after: float = 0.05,
        after: bool = False,
    ) -> None:
        """Fail the next `times` REST requests whose path (without ``/api/v10``) matches the regular expression.

        method: an HTTP method or "*". body: ``message`` and ``code`` of the error. retry_after: seconds, for a 429.
        after: process the request first, then return the error, as when a response is lost.
        """
        pattern = re.compile(path_pattern)
        self.core.faults.add(Fault(method.upper(), pattern, status, times, body, retry_after, after))

    def set_overwrite(
        self, channel: int, target: User | int, *, allow: Permission | int = 0, deny: Permission | int = 0
    ) -> None:
        """Set a channel's permission overwrite for a user or a role (the guild's id is @everyone).

        The bot receives CHANNEL_UPDATE.
        """
        place = self.core.world.channel(channel)
        target_id = target if isinstance(target, int) else target.id
        is_member = target_id in self.core.world.users
        place.overwrites[target_id] = Overwrite(int(allow), int(deny), is_member=is_member)
        self.core.keep_world()
        self.core.gateway.channel_changed(place)
        broadcast_commands(self.core)

    def set_guild_icon(self, icon: bytes | None, guild: int | None = None) -> None:
        """Change a server's icon (of the first server if none is given), as someone who manages it."""
        self.core.set_guild_icon(self.core.world.guild(guild or self.guild), icon)

    def add_guild(self, name: str, *, with_bot: bool = True) -> Guild:
        """Add another server with the same users and one channel, #general; a connected bot receives GUILD_CREATE.

        Without the bot, users have it as a user install: it receives only its interactions.
        """
        world = self.core.world
        people = [user for user in world.users.values() if not user.bot]
        guild = add_guild(world, name, people, BOT_PERMISSIONS)
        world.add_channel(guild, "general")
        if with_bot:
            self.core.gateway.guild_joined(guild)
        else:
            del guild.members[world.bot.id]
        self.core.keep_world()
        return guild


def _open(folder: Path | None, clock: Clock) -> tuple[Archive | None, Contents, str | None]:
    """Open the file in a folder, if given."""
    if folder is None:
        return None, Contents(), None
    return open_or_replace(folder / "discord.db", lambda kept: read_world(kept, clock, None))


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener
