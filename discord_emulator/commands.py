"""The application's commands: registrations and permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_emulator import errors
from discord_emulator.errors import Json, UsageError
from discord_emulator.permissions import Permission
from discord_emulator.validation.commands import MAX_COMMANDS

if TYPE_CHECKING:
    from discord_emulator.context import Context
    from discord_emulator.model import Channel, User

GUILD_CONTEXT, BOT_DM_CONTEXT = 0, 1
USER_INSTALL = 1
_DAY = 86400.0
Scope = int | None  # a guild's id, or None for global commands


class Commands:
    """Commands by scope and id."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._scopes: dict[Scope, dict[int, Json]] = {}
        self._created: dict[Scope, list[float]] = {}

    def all(self, scope: Scope) -> list[Json]:
        """Return a scope's commands, sorted by name as on Discord."""
        return list(self._scopes.get(scope, {}).values())

    def get(self, scope: Scope, command_id: int) -> Json:
        """Return a command, or raise 10063."""
        found = self._scopes.get(scope, {}).get(command_id)
        if found is None:
            raise errors.unknown("command")
        return found

    def replace(self, scope: Scope, commands: list[Json]) -> list[Json]:
        """Replace all commands of a scope; those with the same name keep their ids."""
        for kind, most in MAX_COMMANDS.items():
            if sum(command["type"] == kind for command in commands) > most:
                raise errors.ApiError(400, 30032, f"Maximum number of application commands reached ({most}).")
        old = {(command["type"], command["name"]): command for command in self.all(scope)}
        fresh = sum((command["type"], command["name"]) not in old for command in commands)
        self._count_creates(scope, fresh)
        self._scopes[scope] = {}
        for command in commands:
            self._put(scope, command, old.get((command["type"], command["name"])))
        return self.all(scope)

    def upsert(self, scope: Scope, command: Json) -> tuple[Json, bool]:
        """Add or replace a command by name; return it and whether it is new."""
        old = next((c for c in self.all(scope) if (c["type"], c["name"]) == (command["type"], command["name"])), None)
        if old is None:
            if sum(c["type"] == command["type"] for c in self.all(scope)) >= MAX_COMMANDS[command["type"]]:
                most = MAX_COMMANDS[command["type"]]
                raise errors.ApiError(400, 30032, f"Maximum number of application commands reached ({most}).")
            self._count_creates(scope, 1)
        return self._put(scope, command, old), old is None

    def edit(self, scope: Scope, command_id: int, command: Json) -> Json:
        """Replace a command's definition under its id."""
        return self._put(scope, command, self.get(scope, command_id))

    def delete(self, scope: Scope, command_id: int) -> None:
        """Remove a command, or raise 10063."""
        self.get(scope, command_id)
        del self._scopes[scope][command_id]

    def _put(self, scope: Scope, command: Json, old: Json | None) -> Json:
        same = old is not None and {k: v for k, v in old.items() if k in command} == command
        make_id = self._context.world.make_id
        stored: Json = {
            "id": old["id"] if old else str(make_id()),
            "application_id": str(self._context.world.application_id),
            "version": old["version"] if old and same else str(make_id()),
        }
        if scope is not None:
            stored["guild_id"] = str(scope)
        stored |= command
        self._scopes.setdefault(scope, {})[int(stored["id"])] = stored
        return stored

    def _count_creates(self, scope: Scope, fresh: int) -> None:
        """Enforce Discord's daily limit on creations; updates are not counted."""
        now = self._context.clock()
        times = [moment for moment in self._created.get(scope, []) if now - moment < _DAY]
        most = self._context.limits.command_creates_per_day
        if len(times) + fresh > most:
            message = f"Max number of daily application command creates has been reached ({most})"
            raise errors.ApiError(429, 30034, message, headers={"Via": "1.1 emulator"})
        self._created[scope] = [*times, *[now] * fresh]

    def allows(self, command: Json, user: User, channel: Channel) -> bool:
        """Whether Discord would show `user` a command in a channel."""
        contexts = command["contexts"]
        guild = channel.guild
        if guild is None:
            in_direct = contexts is None or BOT_DM_CONTEXT in contexts
            return "guild_id" not in command and in_direct and channel.recipient is user
        if contexts is not None and GUILD_CONTEXT not in contexts:
            return False
        elsewhere = command.get("guild_id", str(guild.id)) != str(guild.id)
        if elsewhere or (not guild.has_bot and USER_INSTALL not in command["integration_types"]):
            return False
        held = channel.permissions_of(user)
        needed = command["default_member_permissions"]
        if held & Permission.ADMINISTRATOR:
            return True
        if not held & Permission.USE_APPLICATION_COMMANDS or not held & Permission.SEND_MESSAGES:
            return False
        # "0" means administrators only, unless the server overrides it.
        return needed is None or (int(needed) != 0 and held & int(needed) == int(needed))

    def visible_to(self, user: User, channel: Channel) -> list[Json]:
        """Return the commands `user` can use in a channel; guild commands hide global ones of the same name."""
        scopes: list[Scope] = [channel.guild.id] if channel.guild else []
        found: dict[tuple[int, str], Json] = {}
        for scope in [*scopes, None]:
            for command in self.all(scope):
                if self.allows(command, user, channel):
                    found.setdefault((command["type"], command["name"]), command)
        return list(found.values())

    def offered(self, user: User) -> Json:
        """Return all commands `user` can use anywhere, and the ids allowed in each visible channel."""
        world = self._context.world
        guild = next(iter(world.guilds.values()))
        channels = [c for c in [*guild.channels.values(), *world.private.values()] if c.permissions_of(user)]
        here = {str(channel.id): self.visible_to(user, channel) for channel in channels}
        every = {command["id"]: command for commands in here.values() for command in commands}
        allowed = {channel: [command["id"] for command in commands] for channel, commands in here.items()}
        return {"commands": list(every.values()), "allowed": allowed}

    def find(self, user: User, channel: Channel, name: str, kind: int = 1) -> Json:
        """Return a command by name, or raise UsageError with the reason."""
        for command in self.visible_to(user, channel):
            if command["name"] == name and command["type"] == kind:
                return command
        names = sorted(command["name"] for command in self.visible_to(user, channel) if command["type"] == kind)
        raise UsageError(
            f"{user.name} has no command {name!r} in #{channel.name}; available: {', '.join(names) or '-'}"
        )

    def find_by_id(self, user: User, channel: Channel, command_id: int) -> Json:
        """Return a command by id if `user` can use it here."""
        for command in self.visible_to(user, channel):
            if int(command["id"]) == command_id:
                return command
        raise UsageError("This command does not exist here, or you may not use it.")
