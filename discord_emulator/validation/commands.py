"""Application commands (https://discord.com/developers/docs/interactions/application-commands)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_emulator.errors import Json
from discord_emulator.validation.names import check_texts
from discord_emulator.validation.options import check_options, text_size

if TYPE_CHECKING:
    from discord_emulator.validation.form import Node

CHAT_INPUT, USER, MESSAGE = 1, 2, 3
MAX_COMMANDS = {CHAT_INPUT: 100, USER: 5, MESSAGE: 5}
MAX_COMMAND_SIZE = 8000


def read_command(node: Node) -> Json:
    """Validate a command and return it as Discord stores it, without ids."""
    kind = node.choice("type", set(MAX_COMMANDS)) or CHAT_INPUT
    chat = kind == CHAT_INPUT
    check_texts(node, strict_name=chat, described=chat)
    if not chat and node.data.get("description"):
        message = "Context menu commands cannot have description"
        node.error("APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_NOT_ALLOWED", message, "description")
    if not chat and node.data.get("options"):
        node.error("APPLICATION_COMMAND_CONTEXT_MENU_OPTIONS", "Context menu commands cannot have options", "options")
    elif chat:
        check_options(node, depth=0)
        if not node.form.errors and text_size(node.data) > MAX_COMMAND_SIZE:
            message = f"Command exceeds maximum size ({MAX_COMMAND_SIZE})"
            node.error("APPLICATION_COMMAND_TOO_LARGE", message)
    node.integer("default_member_permissions", low=0)
    node.flag("nsfw")
    node.flag("dm_permission")
    for key in ("contexts", "integration_types"):
        allowed = (0, 1, 2) if key == "contexts" else (0, 1)
        for index, value in enumerate(node.array(key)):
            if isinstance(value, bool) or value not in allowed:
                node.error("BASE_TYPE_CHOICES", f"Value must be one of {set(allowed)}.", key, index)
    if node.form.errors:  # invalid types cannot be stored; the caller returns the errors
        return {"type": kind, "name": node.data.get("name")}
    return _stored(node.data, kind)


def _stored(data: Json, kind: int) -> Json:
    permissions = data.get("default_member_permissions")
    contexts = data.get("contexts")
    if contexts is None and data.get("dm_permission") is False:
        contexts = [0]
    command: Json = {
        "type": kind,
        "name": data.get("name"),
        "name_localizations": data.get("name_localizations"),
        "description": data.get("description") or "",
        "description_localizations": data.get("description_localizations"),
        "default_member_permissions": None if permissions is None else str(permissions),
        "dm_permission": contexts is None or 1 in contexts,
        "contexts": contexts,
        "integration_types": data.get("integration_types") or [0],
        "nsfw": bool(data.get("nsfw")),
    }
    options = _tidy(data.get("options"))
    return command | {"options": options} if options else command


def _tidy(options: Any) -> list[Json]:
    """Remove nulls from options, as Discord does."""
    tidy = []
    for option in options or []:
        kept = {key: value for key, value in option.items() if value is not None} if isinstance(option, dict) else {}
        if kept.get("options"):
            kept["options"] = _tidy(kept["options"])
        tidy.append(kept)
    return tidy


def check_set(commands: list[Json], node: Node) -> None:
    """Validate a whole scope: names must be unique for each command type."""
    names: set[tuple[int, str]] = set()
    for index, command in enumerate(commands):
        key = (command["type"], str(command["name"]))
        if key in names:
            message = "Application command names must be unique"
            node.error("APPLICATION_COMMANDS_DUPLICATE_NAME", message, index)
        names.add(key)
