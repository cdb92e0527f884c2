"""User actions as Python calls, for tests and scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_emulator import invoke, messages, modals
from discord_emulator.attachments import Upload
from discord_emulator.broadcast import can_see
from discord_emulator.errors import Json, UsageError
from discord_emulator.history import Message
from discord_emulator.limits import PATIENCE
from discord_emulator.model import Channel, User
from discord_emulator.reply import Reply
from discord_emulator.validation.options import GROUP, SUB_COMMAND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from discord_emulator.core import Core
    from discord_emulator.interactions import Interaction

Who = User | int
File = tuple[str, bytes]


class Actions:
    """All methods raise UsageError for what Discord's own client would not allow.

    Methods that invoke the bot return a Reply once the interaction is settled: when the bot has replied (4), updated
    the message (7) or opened a modal (9), or, after a deferral (5, 6), with the first edit, followup or deletion. They
    raise InteractionFailed if the bot does not acknowledge in time, or does not finish within `timeout` seconds. With
    ``acknowledged=True`` the first callback suffices: for a button that only defers (6).
    """

    def __init__(self, core: Core) -> None:
        self.core = core
        world = core.world
        by_standing = {user.standing: user for user in world.users.values()}
        self.owner = by_standing["owner"]  # owns the application and the server
        self.moderator = by_standing["moderator"]  # Manage Server, Manage Messages
        self.member = by_standing["member"]  # a role without special permissions; locale ja
        self.stranger = by_standing["stranger"]  # no roles; locale fr
        self.bot = world.bot
        guild = next(iter(world.guilds.values()))
        self.guild = guild.id
        self.channels = {channel.name: channel.id for channel in guild.channels.values()}
        self.channel = core.default_channel.id

    async def slash(
        self,
        user: Who,
        name: str,
        options: Mapping[str, Any] | None = None,
        *,
        channel: int | None = None,
        timeout: float = PATIENCE,  # noqa: ASYNC109 - a test's own limit
        acknowledged: bool = False,
    ) -> Reply:
        """Run a slash command; a subcommand is ``"group sub"``.

        options: values by option name: text, number, boolean, a user, role or channel (or its id), and for an
        attachment a ``(filename, bytes)`` pair.
        """
        who, place = self._user(user), self._channel(channel)
        command, path = self._command(who, place, name)
        plain, files = _split_files(options or {})
        typed: list[Json] = [{"name": key, "value": value} for key, value in plain.items()]
        given = _nest(path, typed + [{"name": key} for key in files])
        interaction = invoke.use_command(self.core, who, place, command, options=given, files=files)
        return await self._settle(interaction, timeout, acknowledged=acknowledged)

    async def autocomplete(
        self,
        user: Who,
        name: str,
        focused: str,
        value: Any,
        options: Mapping[str, Any] | None = None,
        *,
        channel: int | None = None,
        timeout: float = PATIENCE,  # noqa: ASYNC109 - a test's own limit
    ) -> list[Json]:
        """Return the choices for `value` in the option `focused` (and `options` in others)."""
        who, place = self._user(user), self._channel(channel)
        command, path = self._command(who, place, name)
        typed: list[Json] = [{"name": key, "value": item} for key, item in (options or {}).items()]
        typed.append({"name": focused, "value": value, "focused": True})
        interaction = invoke.type_into_command(self.core, who, place, command, _nest(path, typed))
        return (await self._settle(interaction, timeout)).choices

    async def context_menu(
        self,
        user: Who,
        name: str,
        target: User | Json | int,
        *,
        channel: int | None = None,
        timeout: float = PATIENCE,  # noqa: ASYNC109 - a test's own limit
        acknowledged: bool = False,
    ) -> Reply:
        """Run a user or message command on a user or on a message (its JSON or id)."""
        who, place = self._user(user), self._channel(channel)
        target_id = target.id if isinstance(target, User) else int(target["id"] if isinstance(target, dict) else target)
        kind = 2 if target_id in self.core.world.users else 3
        command = self.core.commands.find(who, place, name, kind)
        return await self._settle(
            invoke.use_context_menu(self.core, who, place, command, target_id), timeout, acknowledged=acknowledged
        )

    async def press(
        self,
        user: Who,
        message: Json | int,
        custom_id: str,
        values: Sequence[Any] | None = None,
        *,
        timeout: float = PATIENCE,  # noqa: ASYNC109 - a test's own limit
        acknowledged: bool = False,
    ) -> Reply:
        """Press a button of a message, or choose `values` (texts; or users, roles, channels) in a menu."""
        interaction = invoke.use_component(
            self.core, self._user(user), self._message(message), custom_id, list(values or [])
        )
        return await self._settle(interaction, timeout, acknowledged=acknowledged)

    async def modal_submit(
        self,
        user: Who,
        opener: Reply,
        answers: Mapping[str, Any] | None = None,
        *,
        timeout: float = PATIENCE,  # noqa: ASYNC109 - a test's own limit
        acknowledged: bool = False,
    ) -> Reply:
        """Submit the modal that `opener` opened; `answers` by custom_id, files as pairs."""
        plain, files = _split_files(answers or {})
        interaction = modals.submit_modal(self.core, opener.interaction, self._user(user), plain, files)
        return await self._settle(interaction, timeout, acknowledged=acknowledged)

    async def post_message(
        self, user: Who, channel: int | None = None, content: str = "", files: Sequence[File] = ()
    ) -> Json:
        """Post a message as a user and return it."""
        uploads = [Upload(name, data) for name, data in files]
        payload = {"content": content}
        return messages.say(self.core, self._user(user), self._channel(channel), payload, uploads).json()

    async def forward(self, user: Who, message: Json | int, channel: int | None = None) -> Json:
        """Forward a message to a channel as a user and return the new message."""
        return messages.forward(self.core, self._user(user), self._message(message), self._channel(channel)).json()

    def react(self, user: Who, message: Json | int, emoji: str) -> None:
        """Add a reaction as a user."""
        messages.react(self.core, self._user(user), self._message(message), emoji)

    def direct_channel(self, user: Who) -> int:
        """Return the id of a user's direct message channel with the bot."""
        channel = self.core.world.direct_channel(self._user(user))
        self.core.keep_world()
        return channel.id

    def messages(self, channel: int | None = None, *, seen_by: Who | None = None) -> list[Json]:
        """Return a channel's messages, oldest first: public ones, or all that a user can see."""
        place = self._channel(channel)
        if seen_by is None:
            return [message.json() for message in self.core.history.public(place.id)]
        who = self._user(seen_by)
        return [message.json() for message in self.core.history.all(place.id) if can_see(message, who)]

    async def wait_message(
        self,
        channel: int | None = None,
        matches: Callable[[Json], bool] | None = None,
        *,
        after: Json | int | None = None,
        timeout: float = PATIENCE,  # noqa: ASYNC109 - a test's own limit
    ) -> Json:
        """Return the first public message by the bot after `after`, now or soon, that `matches`."""
        place = self._channel(channel)
        start = 0 if after is None else int(after["id"] if isinstance(after, dict) else after)
        found: list[Json] = []

        def look() -> bool:
            own = [m for m in self.core.history.public(place.id) if m.author is self.bot and m.id > start]
            found[:] = [payload for payload in (m.json() for m in own) if matches is None or matches(payload)]
            return bool(found)

        await self.core.posted.until(look, timeout)
        return found[0]

    async def attachment_bytes(self, message: Json, index: int = 0) -> bytes:
        """Return the bytes of a message's file: attachments first, then embedded pictures."""
        urls = [item["url"] for item in message["attachments"]]
        for embed in message["embeds"]:
            urls += [embed[key]["url"] for key in ("image", "thumbnail") if key in embed]
        if index >= len(urls):
            raise UsageError(f"The message has {len(urls)} files; there is no number {index}.")
        stored = self.core.attachments.by_url(urls[index])
        if stored is None:
            raise UsageError(f"{urls[index]} is not stored (any more).")
        return stored.data

    async def _settle(self, interaction: Interaction, seconds: float, *, acknowledged: bool = False) -> Reply:
        await interaction.wait(lambda: interaction.settled or (acknowledged and bool(interaction.events)), seconds)
        return Reply(self.core, interaction)

    def _user(self, user: Who) -> User:
        return self.core.world.user(user) if isinstance(user, int) else user

    def _channel(self, channel: int | None) -> Channel:
        return self.core.world.channel(self.channel if channel is None else channel)

    def _message(self, message: Json | int) -> Message:
        message_id = int(message["id"] if isinstance(message, dict) else message)
        found = self.core.history.find(message_id)
        if found is None:
            raise UsageError("There is no such message.")
        return found

    def _command(self, user: User, channel: Channel, name: str) -> tuple[Json, list[Json]]:
        """Return a command and the nested options leading to ``"group sub"``."""
        head, *rest = name.split()
        command = self.core.commands.find(user, channel, head)
        path, level = [], command
        for part in rest:
            inner = [o for o in level.get("options", []) if o["name"] == part and o["type"] in (SUB_COMMAND, GROUP)]
            if not inner:
                raise UsageError(f"/{head} has no subcommand {part!r}.")
            level = inner[0]
            path.append(level)
        return command, path


def _nest(path: list[Json], options: list[Json]) -> list[Json]:
    """Nest options into a subcommand path."""
    for level in reversed(path):
        options = [{"name": level["name"], "type": level["type"], "options": options}]
    return options


def _split_files(options: Mapping[str, Any]) -> tuple[Json, dict[str, Upload]]:
    """Separate ``(filename, bytes)`` pairs from other values; objects become their ids."""
    files = {key: Upload(*value) for key, value in options.items() if isinstance(value, tuple)}
    plain = {key: getattr(value, "id", value) for key, value in options.items() if key not in files}
    return plain, files
