"""Validates user input for interactions and resolves ids to objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_emulator.errors import Json, UsageError
from discord_emulator.payloads import member_json, partial_channel_json, role_json, user_json
from discord_emulator.snowflakes import read_id
from discord_emulator.validation.options import (
    ATTACHMENT,
    BOOLEAN,
    CHANNEL,
    GROUP,
    INTEGER,
    MENTIONABLE,
    NUMBER,
    ROLE,
    STRING,
    SUB_COMMAND,
    USER,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from discord_emulator.attachments import Upload
    from discord_emulator.core import Core
    from discord_emulator.model import Channel
    from discord_emulator.model import User as Person

_LARGEST = 2**53
_MAX_STRING = 6000


class Resolver:
    """Collects ``resolved`` for an interaction of a user in a channel."""

    def __init__(self, core: Core, person: Person, channel: Channel) -> None:
        self.core = core
        self.person = person
        self.channel = channel
        self.resolved: Json = {}

    def user(self, value: Any) -> str:
        """Resolve a user by id."""
        user = self.core.world.users.get(_snowflake(value))
        guild = self.channel.guild
        if user is None:
            raise UsageError(f"There is no user {value!r}.")
        self._put("users", user.id, user_json(user))
        if guild and user.id in guild.members:
            permissions = self.channel.permissions_of(user)
            member = member_json(guild.members[user.id], with_user=False, permissions=permissions)
            del member["deaf"], member["mute"]  # resolved members omit them
            self._put("members", user.id, member)
        return str(user.id)

    def role(self, value: Any) -> str:
        """Resolve a role by id."""
        guild = self.channel.guild
        role = guild.roles.get(_snowflake(value)) if guild else None
        if role is None:
            raise UsageError(f"There is no role {value!r} here.")
        self._put("roles", role.id, role_json(role))
        return str(role.id)

    def channel_(self, value: Any, kinds: list[int] | None = None) -> str:
        """Resolve a channel by id; `kinds` are the allowed channel types."""
        guild = self.channel.guild
        found = guild.channels.get(_snowflake(value)) if guild else None
        if found is None or not found.permissions_of(self.person) or (kinds and 0 not in kinds):
            raise UsageError(f"There is no channel {value!r} to choose here.")
        self._put("channels", found.id, partial_channel_json(found, self.person))
        return str(found.id)

    def mentionable(self, value: Any) -> str:
        """Resolve a user or a role by id."""
        guild = self.channel.guild
        return self.role(value) if guild and _snowflake(value) in guild.roles else self.user(value)

    def attachment(self, upload: Upload) -> str:
        """Store an uploaded file and resolve it."""
        if len(upload.data) > self.core.upload_limit(self.channel):
            raise UsageError(f"{upload.filename} is too large to upload here.")
        stored = self.core.attachments.add(self.core.world.make_id(), self.channel.id, upload, ephemeral=True)
        self._put("attachments", stored.id, stored.json())
        return str(stored.id)

    def _put(self, family: str, key: int, value: Json) -> None:
        self.resolved.setdefault(family, {})[str(key)] = value

    def options(
        self, definition: list[Json], given: list[Json], files: Mapping[str, Upload], *, partial: bool = False
    ) -> list[Json]:
        """Validate options against their definitions; `partial` during autocompletion."""
        known = {option["name"]: option for option in definition}
        answers = []
        for item in given:
            option = known.get(str(item.get("name")))
            if option is None:
                raise UsageError(f"There is no option {item.get('name')!r}; there are: {', '.join(known) or 'none'}.")
            if option["type"] in (SUB_COMMAND, GROUP):
                inner = self.options(option.get("options", []), item.get("options") or [], files, partial=partial)
                answers.append({"name": option["name"], "type": option["type"], "options": inner})
                continue
            value = self._value(option, item.get("value"), files, partial=partial)
            answer = {"name": option["name"], "type": option["type"], "value": value}
            answers.append(answer | ({"focused": True} if partial and item.get("focused") else {}))
        nested = any(option["type"] in (SUB_COMMAND, GROUP) for option in definition)
        if nested and len(answers) != 1:
            raise UsageError(f"Choose one of the subcommands: {', '.join(known)}.")
        missing = [n for n, option in known.items() if option.get("required") and n not in {a["name"] for a in answers}]
        if missing and not partial:
            raise UsageError(f"The option {missing[0]!r} is required.")
        return answers

    def _value(self, option: Json, value: Any, files: Mapping[str, Upload], *, partial: bool) -> Any:
        kind, name = option["type"], option["name"]
        if kind == ATTACHMENT:
            if name not in files:
                raise UsageError(f"The option {name!r} needs a file.")
            return self.attachment(files[name])
        if partial:  # the focused option need not be valid yet
            return value if isinstance(value, int | float) and not isinstance(value, str) else str(value or "")
        if kind in (USER, ROLE, MENTIONABLE):
            return {USER: self.user, ROLE: self.role, MENTIONABLE: self.mentionable}[kind](value)
        if kind == CHANNEL:
            return self.channel_(value, option.get("channel_types"))
        return _plain_value(option, value)


def _plain_value(option: Json, value: Any) -> Any:
    kind, name = option["type"], option["name"]
    if kind == BOOLEAN:
        if not isinstance(value, bool):
            raise UsageError(f"The option {name!r} is true or false, not {value!r}.")
        return value
    if kind == STRING:
        if not isinstance(value, str):
            raise UsageError(f"The option {name!r} is a text, not {value!r}.")
        low, high = option.get("min_length", 0), option.get("max_length", _MAX_STRING)
        if not low <= len(value) <= high:
            raise UsageError(f"The option {name!r} takes {low} to {high} characters, not {len(value)}.")
    elif kind in (INTEGER, NUMBER):
        types = int if kind == INTEGER else int | float
        if isinstance(value, bool) or not isinstance(value, types):
            raise UsageError(f"The option {name!r} is a number, not {value!r}.")
        low, high = option.get("min_value", -_LARGEST), option.get("max_value", _LARGEST)
        if not low <= value <= high:
            raise UsageError(f"The option {name!r} takes {low} to {high}, not {value}.")
    choices = option.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        names = ", ".join(str(choice["value"]) for choice in choices)
        raise UsageError(f"The option {name!r} takes one of: {names}.")
    return value


def _snowflake(value: Any) -> int:
    return read_id(getattr(value, "id", value)) or 0
