"""Buttons, menus and rows of a message (https://discord.com/developers/docs/components/reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from discord_emulator.validation.form import Node

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SELECTS = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)
LINK, PREMIUM = 5, 6

MAX_ROWS = 5
MAX_BUTTONS = 5
MAX_CUSTOM_ID = 100


class Seen:
    """The custom ids of a message, which must be unique."""

    def __init__(self) -> None:
        self.custom_ids: set[str] = set()
        self.count = 0

    def custom_id(self, node: Node) -> None:
        """Validate a component's custom_id."""
        value = node.string("custom_id", low=1, high=MAX_CUSTOM_ID, required=True)
        if value and value in self.custom_ids:
            node.error("COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated", "custom_id")
        self.custom_ids.add(value or "")


def check_rows(body: Node) -> None:
    """Validate ``components`` of an ordinary message: up to five rows."""
    seen = Seen()
    for row in body.nodes("components", high=MAX_ROWS):
        if row.choice("type", {ACTION_ROW}, required=True):
            check_row(row, seen)


def check_row(row: Node, seen: Seen) -> None:
    """Validate a row: one to five buttons, or one menu."""
    children = row.nodes("components", low=1, high=MAX_BUTTONS, required=True)
    kinds = [child.choice("type", {BUTTON, *SELECTS}, required=True) for child in children]
    if len(kinds) > 1 and any(kind in SELECTS for kind in kinds):
        message = "The specified component exceeds the maximum width"
        row.error("COMPONENT_LAYOUT_WIDTH_EXCEEDED", message, "components")
    for child, kind in zip(children, kinds, strict=True):
        if kind == BUTTON:
            check_button(child, seen)
        elif kind is not None:
            check_select(child, kind, seen)


def check_button(node: Node, seen: Seen) -> None:
    """Validate a button: a link has a URL, a premium one a SKU, others a custom id and a label or emoji."""
    style = node.choice("style", range(1, 7), required=True)
    node.string("label", high=80)
    _check_emoji(node)
    node.flag("disabled")
    if style == LINK:
        node.url("url", schemes=("http", "https", "discord"), required=True)
        if "custom_id" in node:
            node.error("BUTTON_COMPONENT_LINK_CUSTOM_ID", "A link button cannot have a custom id", "custom_id")
    elif style == PREMIUM:
        node.snowflake("sku_id", required=True)
        return
    elif "url" in node:
        node.error("BUTTON_COMPONENT_URL_INVALID", "A url is only allowed on link buttons", "url")
    if style is not None and style != LINK:
        seen.custom_id(node)
    if not node.data.get("label") and "emoji" not in node:
        node.error("BUTTON_COMPONENT_INVALID", "A button needs a label or an emoji", "label")


def check_select(node: Node, kind: int, seen: Seen, *, in_modal: bool = False) -> None:
    """Validate a menu of any kind."""
    seen.custom_id(node)
    node.string("placeholder", high=150)
    low = node.integer("min_values", low=0, high=25)
    high = node.integer("max_values", low=1, high=25)
    if low is not None and low > (1 if high is None else high):
        node.error("SELECT_COMPONENT_MIN_VALUES", "min_values must not exceed max_values", "min_values")
    if not in_modal:
        node.flag("disabled")
    if kind == STRING_SELECT:
        _check_options(node, high or 1)
    elif "options" in node and node.data["options"]:
        node.error("SELECT_COMPONENT_OPTIONS", "Only string selects have options", "options")
    defaults = node.nodes("default_values", high=25)
    for default in defaults:
        default.snowflake("id", required=True)
        if default.data.get("type") not in ("user", "role", "channel"):
            default.error("BASE_TYPE_CHOICES", "Value must be one of {'channel', 'role', 'user'}.", "type")


def _check_options(node: Node, most: int) -> None:
    options = node.nodes("options", low=1, high=25, required=True)
    values: set[str] = set()
    chosen = 0
    for option in options:
        option.string("label", low=1, high=100, required=True)
        value = option.string("value", low=1, high=100, required=True)
        option.string("description", high=100)
        _check_emoji(option)
        chosen += option.flag("default")
        if value in values:
            message = "The specified option value is already used"
            option.error("SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message, "value")
        values.add(value or "")
    if chosen > most:
        node.error("SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "Too many default options", "options")
    if options and most > len(options):
        node.error("BASE_TYPE_BAD_LENGTH", f"Must be between {most} and 25 in length.", "options")


def _check_emoji(node: Node) -> None:
    emoji = node.child("emoji")
    if emoji:
        emoji.snowflake("id")
        if "id" not in emoji and not emoji.string("name", high=64):
            emoji.error("COMPONENT_INVALID_EMOJI", "Invalid emoji", "name")
