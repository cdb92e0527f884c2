"""Modals: the type 9 callback and the submission."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from discord_emulator.errors import Json
from discord_emulator.validation.components import ACTION_ROW, MAX_CUSTOM_ID, SELECTS, TEXT_INPUT, Seen, check_select
from discord_emulator.validation.layout import TEXT

if TYPE_CHECKING:
    from discord_emulator.validation.form import Node

LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 18, 19, 21, 22, 23


def check_modal(body: Node) -> None:
    """Validate the ``data`` of a type 9 callback."""
    body.string("custom_id", low=1, high=MAX_CUSTOM_ID, required=True)
    body.string("title", low=1, high=45, required=True)
    seen = Seen()
    for node in body.nodes("components", low=1, high=5, required=True):
        kind = node.choice("type", {ACTION_ROW, TEXT, LABEL}, required=True)
        if kind == TEXT:
            node.string("content", low=1, high=2000, required=True)
        elif kind == ACTION_ROW:
            for child in node.nodes("components", low=1, high=1, required=True):
                if child.choice("type", {TEXT_INPUT}, required=True):
                    child.string("label", low=1, high=45, required=True)
                    _check_text_input(child, seen)
        elif kind == LABEL:
            node.string("label", low=1, high=45, required=True)
            node.string("description", high=100)
            inner = node.child("component", required=True)
            if inner:
                _check_field(inner, seen)


def _check_field(node: Node, seen: Seen) -> None:
    allowed = {TEXT_INPUT, *SELECTS, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX}
    kind = node.choice("type", allowed, required=True)
    if kind == TEXT_INPUT:
        _check_text_input(node, seen)
    elif kind in SELECTS and kind is not None:
        check_select(node, kind, seen, in_modal=True)
    elif kind is not None:
        seen.custom_id(node)
        if kind in (RADIO_GROUP, CHECKBOX_GROUP):
            node.nodes("options", low=1, high=10, required=True)


def _check_text_input(node: Node, seen: Seen) -> None:
    seen.custom_id(node)
    node.choice("style", {1, 2}, required=True)
    node.integer("min_length", low=0, high=4000)
    node.integer("max_length", low=1, high=4000)
    node.string("placeholder", high=100)
    node.string("value", high=4000)
    node.flag("required")


def fields(components: Any) -> Iterator[Json]:
    """Yield the fields of a modal or its submission, from rows and labels."""
    for item in components if isinstance(components, list) else []:
        if not isinstance(item, dict):
            continue
        if isinstance(item.get("component"), dict):
            yield item["component"]
        elif isinstance(item.get("components"), list):
            yield from (child for child in item["components"] if isinstance(child, dict))
