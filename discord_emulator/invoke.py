"""Invocations of the bot: commands, autocomplete, context menus, buttons and menus.

UsageError is raised for what Discord's own client would not allow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_emulator.broadcast import can_see, seen_by_bot
from discord_emulator.errors import Json, UsageError
from discord_emulator.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, Interaction
from discord_emulator.invocation import launch
from discord_emulator.posting import walk
from discord_emulator.resolving import Resolver
from discord_emulator.validation.components import (
    BUTTON,
    CHANNEL_SELECT,
    LINK,
    MENTIONABLE_SELECT,
    PREMIUM,
    ROLE_SELECT,
    SELECTS,
    STRING_SELECT,
    USER_SELECT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from discord_emulator.attachments import Upload
    from discord_emulator.core import Core
    from discord_emulator.history import Message
    from discord_emulator.model import Channel, User

_USER_MENU, _MESSAGE_MENU = 2, 3


def use_command(
    core: Core,
    user: User,
    channel: Channel,
    command: Json,
    *,
    options: list[Json],
    files: Mapping[str, Upload],
    nonce: str | None = None,
) -> Interaction:
    """Run a slash command with options as Discord's clients send them."""
    data = _command_data(core, user, channel, command, options=options, files=files, partial=False)
    return launch(core, COMMAND, user, channel, data, nonce=nonce)


def type_into_command(core: Core, user: User, channel: Channel, command: Json, options: list[Json]) -> Interaction:
    """Request autocompletion for the one option with ``focused``."""
    focused = _focused(command.get("options", []), options)
    if len(focused) != 1 or not focused[0].get("autocomplete"):
        raise UsageError("Exactly one option must be focused, and it must have autocomplete.")
    return launch(
        core,
        AUTOCOMPLETE,
        user,
        channel,
        _command_data(core, user, channel, command, options=options, files={}, partial=True),
    )


def _focused(definition: list[Json], options: list[Json]) -> list[Json]:
    known = {option["name"]: option for option in definition}
    found = []
    for item in options:
        option = known.get(str(item.get("name")), {})
        found += _focused(option.get("options", []), item.get("options") or [])
        found += [option] if item.get("focused") else []
    return found


def _command_data(
    core: Core,
    user: User,
    channel: Channel,
    command: Json,
    *,
    options: list[Json],
    files: Mapping[str, Upload],
    partial: bool,
) -> Json:
    resolver = Resolver(core, user, channel)
    answers = resolver.options(command.get("options", []), options, files, partial=partial)
    data: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if answers:
        data["options"] = answers
    if resolver.resolved:
        data["resolved"] = resolver.resolved
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    return data


def use_context_menu(
    core: Core, user: User, channel: Channel, command: Json, target: int, *, nonce: str | None = None
) -> Interaction:
    """Run a user or message command on the user or message whose id is `target`."""
    data: Json = {"id": command["id"], "name": command["name"], "type": command["type"], "target_id": str(target)}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    if command["type"] == _USER_MENU:
        resolver = Resolver(core, user, channel)
        resolver.user(target)
        data["resolved"] = resolver.resolved
    elif command["type"] == _MESSAGE_MENU:
        message = core.history.get(channel.id, target)
        if message is None or not can_see(message, user):
            raise UsageError("There is no such message.")
        # The bot may read the full target message.
        data["resolved"] = {"messages": {str(target): seen_by_bot(core, message, content=True)}}
    else:
        raise UsageError(f"/{command['name']} is not a context menu.")
    return launch(core, COMMAND, user, channel, data, nonce=nonce)


def use_component(
    core: Core,
    user: User,
    message: Message,
    custom_id: str,
    values: list[Any] | None = None,
    *,
    nonce: str | None = None,
) -> Interaction:
    """Press a button of a visible message, or choose `values` in a menu."""
    if not can_see(message, user):
        raise UsageError("There is no such message.")
    component = next((c for c in walk(message.payload["components"]) if c.get("custom_id") == custom_id), None)
    if component is None:
        known = [c["custom_id"] for c in walk(message.payload["components"]) if "custom_id" in c]
        raise UsageError(f"The message has no component {custom_id!r}; it has: {', '.join(known) or 'none'}.")
    if component.get("disabled"):
        raise UsageError(f"The component {custom_id!r} is disabled.")
    kind = component["type"]
    data: Json = {"custom_id": custom_id, "component_type": kind, "id": component.get("id", 0)}
    if kind == BUTTON and component.get("style") in (LINK, PREMIUM):
        raise UsageError("Links do not reach the bot.")
    if kind in SELECTS:
        resolver = Resolver(core, user, message.channel)
        data["values"] = choose(resolver, component, values or [])
        if resolver.resolved:
            data["resolved"] = resolver.resolved
    return launch(core, COMPONENT, user, message.channel, data, source=message, nonce=nonce)


def choose(resolver: Resolver, component: Json, values: list[Any]) -> list[str]:
    """Validate a menu's chosen values and resolve them."""
    low, high = component.get("min_values", 1), component.get("max_values", 1)
    if not low <= len(values) <= high:
        raise UsageError(f"Choose {low} to {high} values, not {len(values)}.")
    kind = component["type"]
    if kind == STRING_SELECT:
        offered = [option["value"] for option in component.get("options", [])]
        for value in values:
            if value not in offered:
                raise UsageError(f"The menu does not offer {value!r}; it offers: {', '.join(offered)}.")
        return [str(value) for value in values]
    if kind == CHANNEL_SELECT:
        return [resolver.channel_(value, component.get("channel_types")) for value in values]
    resolve = {USER_SELECT: resolver.user, ROLE_SELECT: resolver.role, MENTIONABLE_SELECT: resolver.mentionable}[kind]
    return [resolve(value) for value in values]
