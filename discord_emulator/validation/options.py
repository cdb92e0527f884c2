"""Options of a slash command: subcommands, groups and values of eleven types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_emulator.errors import Json
from discord_emulator.validation.names import check_texts

if TYPE_CHECKING:
    from discord_emulator.validation.form import Node

SUB_COMMAND, GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11
MAX_OPTIONS = 25
MAX_CHOICES = 25
_LARGEST = 2**53


def check_options(node: Node, *, depth: int) -> None:
    """Validate ``options`` at a depth: 0 in a command, 1 in a group or subcommand, 2 in a group's subcommand."""
    options = node.nodes("options", high=MAX_OPTIONS)
    kinds = [option.choice("type", range(1, 12), required=True) for option in options]
    nested = [kind in (SUB_COMMAND, GROUP) for kind in kinds]
    if any(nested) and not all(nested):
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        node.error("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message, "options")
    in_group = node.data.get("type") == GROUP and depth > 0
    names: set[str] = set()
    optional_before = False
    for option, kind in zip(options, kinds, strict=True):
        check_texts(option, strict_name=True, described=True)
        name = str(option.data.get("name"))
        if name in names:
            option.error("APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option name already exists", "name")
        names.add(name)
        if kind in (SUB_COMMAND, GROUP):
            if depth > (0 if kind == GROUP else 1) or (depth and not in_group):
                message = "Sub-command nesting is invalid"
                option.error("APPLICATION_COMMAND_OPTIONS_NESTING_INVALID", message, "type")
            else:
                check_options(option, depth=depth + 1)
            continue
        if in_group:
            option.error("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "A group can only contain subcommands", "type")
        required = option.flag("required")
        if required and optional_before:
            message = "Required options must be placed before non-required options"
            option.error("APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message, "required")
        optional_before = optional_before or not required
        _check_value(option, kind)


def _check_value(option: Node, kind: int | None) -> None:
    choices = option.nodes("choices", high=MAX_CHOICES)
    if option.flag("autocomplete"):
        if kind not in (STRING, INTEGER, NUMBER):
            message = "Autocomplete is only available for string, integer and number options"
            option.error("APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", message, "autocomplete")
        if choices:
            message = "Autocomplete options cannot have choices"
            option.error("APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", message, "choices")
    if kind == STRING:
        option.integer("min_length", low=0, high=6000)
        option.integer("max_length", low=1, high=6000)
    elif kind in (INTEGER, NUMBER):
        for key in ("min_value", "max_value"):
            check_number(option, key, kind)
    seen: set[str] = set()
    for choice in choices:
        name = choice.string("name", low=1, high=100, required=True)
        if name in seen:
            choice.error("APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS", "Choice name already exists", "name")
        seen.add(name or "")
        check_choice_value(choice, kind)


def check_choice_value(choice: Node, kind: int | None) -> None:
    """Validate a choice's value against its option's type."""
    if "value" not in choice:
        choice.required("value")
    elif kind == STRING:
        choice.string("value", high=100)
    elif kind in (INTEGER, NUMBER):
        check_number(choice, "value", kind)
    else:
        choice.error("APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", "This option type has no choices")


def check_number(node: Node, key: str, kind: int | None) -> None:
    """Validate a number: an integer for INTEGER options, within ±2^53."""
    value: Any = node.data.get(key)
    if value is None:
        return
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole and (kind == INTEGER or not isinstance(value, float)):
        node.error("NUMBER_TYPE_COERCE", f'Value "{value}" is not {"int" if kind == INTEGER else "float"}.', key)
    elif abs(value) > _LARGEST:
        node.error("NUMBER_TYPE_MAX", f"Value should be between -{_LARGEST} and {_LARGEST}.", key)


def text_size(data: Json) -> int:
    """Count the characters of names, descriptions and values, each in its longest language."""
    total = 0
    for key in ("name", "description"):
        texts = [data.get(key), *(data.get(f"{key}_localizations") or {}).values()]
        total += max((len(text) for text in texts if isinstance(text, str)), default=0)
    value = data.get("value")
    total += len(value) if isinstance(value, str) else 0
    for key in ("options", "choices"):
        total += sum(text_size(item) for item in data.get(key) or [] if isinstance(item, dict))
    return total
