"""Localised names and descriptions of commands and options."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from discord_emulator.validation.form import Node

LOCALES = frozenset(
    (
        *("id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl"),
        *("pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja"),
        *("zh-TW", "ko"),
    )
)
_NAME_EXTRA = re.compile(r"[-_'\u0900-\u097F\u0E00-\u0E7F]")


def valid_name(name: str) -> bool:
    """Whether a command or option name is 1 to 32 lower-case letters, digits, hyphens, underscores or apostrophes."""
    if not 1 <= len(name) <= 32 or name != name.lower():
        return False
    return all(unicodedata.category(char)[0] in "LN" or _NAME_EXTRA.match(char) for char in name)


def check_texts(node: Node, *, strict_name: bool, described: bool) -> None:
    """Validate the localised name and description of a command or option."""
    name = node.string("name", low=1, high=32, required=True)
    if strict_name and name and not valid_name(name):
        node.error("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid", "name")
    _check_localizations(node, "name_localizations", 32, strict_name=strict_name)
    if described:
        node.string("description", low=1, high=100, required=True)
        _check_localizations(node, "description_localizations", 100, strict_name=False)


def _check_localizations(node: Node, key: str, high: int, *, strict_name: bool) -> None:
    child = node.child(key)
    if child is None:
        return
    for locale in child.data:
        if locale not in LOCALES:
            listed = ", ".join(f"'{item}'" for item in sorted(LOCALES))
            node.error("ENUM_TYPE_COERCE", f'Value "{locale}" is not a valid enum value. ({listed})', key, locale)
            continue
        text = child.string(locale, low=1, high=high)
        if strict_name and text and not valid_name(text):
            child.error("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid", locale)
