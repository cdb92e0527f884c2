"""Messages with IS_COMPONENTS_V2: text, sections, galleries, files and containers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_emulator.validation.components import ACTION_ROW, BUTTON, Seen, check_button, check_row

if TYPE_CHECKING:
    from collections.abc import Collection

    from discord_emulator.validation.form import Node

SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
_INSIDE = {ACTION_ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR}
MAX_COMPONENTS = 40
MAX_TEXT = 4000
_MEDIA = ("http", "https", "attachment")


def check_layout(body: Node) -> None:
    """Validate ``components`` of such a message: 40 components and 4,000 characters in all."""
    seen = Seen()
    for node in body.nodes("components"):
        _check(node, _INSIDE | {CONTAINER}, seen)
    counted, characters = _measure(body.data.get("components"))
    if counted > MAX_COMPONENTS:
        message = f"The maximum number of components is {MAX_COMPONENTS}"
        body.error("COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message, "components")
    if characters > MAX_TEXT:
        message = f"The total text of the components exceeds the maximum size of {MAX_TEXT}"
        body.error("COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message, "components")


def _check(node: Node, allowed: Collection[int], seen: Seen) -> None:
    kind = node.choice("type", allowed, required=True)
    if kind == ACTION_ROW:
        check_row(node, seen)
    elif kind == TEXT:
        node.string("content", low=1, high=MAX_TEXT, required=True)
    elif kind == SECTION:
        _check_section(node, seen)
    elif kind == GALLERY:
        for item in node.nodes("items", low=1, high=10, required=True):
            item.string("description", high=1024)
            _check_media(item, "media", _MEDIA)
    elif kind == FILE:
        _check_media(node, "file", ("attachment",))
    elif kind == SEPARATOR:
        node.choice("spacing", {1, 2})
    elif kind == CONTAINER:
        node.integer("accent_color", low=0, high=0xFFFFFF)
        for child in node.nodes("components", low=1, high=MAX_COMPONENTS, required=True):
            _check(child, _INSIDE, seen)


def _check_section(node: Node, seen: Seen) -> None:
    for child in node.nodes("components", low=1, high=3, required=True):
        _check(child, {TEXT}, seen)
    accessory = node.child("accessory", required=True)
    if accessory is None:
        return
    kind = accessory.choice("type", {BUTTON, THUMBNAIL}, required=True)
    if kind == BUTTON:
        check_button(accessory, seen)
    elif kind == THUMBNAIL:
        accessory.string("description", high=1024)
        _check_media(accessory, "media", _MEDIA)


def _check_media(node: Node, key: str, schemes: Collection[str]) -> None:
    media = node.child(key, required=True)
    if media:
        media.url("url", schemes=schemes, required=True)


def _measure(tree: Any) -> tuple[int, int]:
    """Return a tree's number of components and of characters in text displays."""
    if isinstance(tree, list):
        parts = [_measure(branch) for branch in tree]
        return sum(part[0] for part in parts), sum(part[1] for part in parts)
    if not isinstance(tree, dict):
        return 0, 0
    content = tree.get("content")
    own = len(content) if tree.get("type") == TEXT and isinstance(content, str) else 0
    below = [_measure(tree.get("components")), _measure(tree.get("accessory"))]
    return 1 + sum(part[0] for part in below), own + sum(part[1] for part in below)
