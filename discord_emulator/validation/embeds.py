"""Embeds (https://discord.com/developers/docs/resources/message#embed-object-embed-limits)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_emulator.errors import Json

if TYPE_CHECKING:
    from discord_emulator.validation.form import Node

MAX_EMBEDS = 10
MAX_EMBED_CHARACTERS = 6000  # of all embeds of a message together
_WEB = ("http", "https")
_MEDIA = ("http", "https", "attachment")


def read_embeds(body: Node) -> list[Json]:
    """Validate ``embeds`` of a message and return them as Discord stores them."""
    embeds = []
    total = 0
    for node in body.nodes("embeds", high=MAX_EMBEDS):
        embed, characters = _read_embed(node)
        embeds.append(embed)
        total += characters
    if total > MAX_EMBED_CHARACTERS:
        message = f"Embed size exceeds maximum size of {MAX_EMBED_CHARACTERS}"
        body.error("MAX_EMBED_SIZE_EXCEEDED", message, "embeds")
    return embeds


def _read_embed(node: Node) -> tuple[Json, int]:
    """Return an embed and the number of its counted characters."""
    title = node.string("title", high=256, trim=True)
    description = node.string("description", high=4096, trim=True)
    texts = [title, description]
    embed: Json = {"type": "rich"}
    embed |= {key: value for key, value in (("title", title), ("description", description)) if value}
    if "url" in node:
        embed["url"] = node.url("url", schemes=_WEB)
    if "color" in node:
        embed["color"] = node.integer("color", low=0, high=0xFFFFFF)
    if "timestamp" in node:
        embed["timestamp"] = node.string("timestamp", high=64)
    texts += _read_parts(node, embed)
    texts += _read_fields(node, embed)
    if len(embed) == 1:
        node.error("BASE_TYPE_REQUIRED", "This field is required", "description")
    return embed, sum(len(text) for text in texts if text)


def _read_parts(node: Node, embed: Json) -> list[str | None]:
    """Read footer, author and pictures into `embed`; return the counted texts."""
    texts = []
    for key, text_key, limit in (("footer", "text", 2048), ("author", "name", 256)):
        child = node.child(key)
        if child:
            texts.append(child.string(text_key, high=limit, required=True, low=1))
            embed[key] = dict(child.data)
            if "icon_url" in child:
                child.url("icon_url", schemes=_MEDIA)
    for key in ("image", "thumbnail"):
        child = node.child(key)
        if child and "url" in child:
            embed[key] = {"url": child.url("url", schemes=_MEDIA)}
    return texts


def _read_fields(node: Node, embed: Json) -> list[str | None]:
    """Read the fields into `embed`; return the counted texts."""
    texts: list[str | None] = []
    fields: list[Json] = []
    for item in node.nodes("fields", high=25):
        name = item.string("name", low=1, high=256, required=True)
        value = item.string("value", low=1, high=1024, required=True)
        texts += [name, value]
        fields.append({"name": name, "value": value, "inline": item.flag("inline")})
    if fields:
        embed["fields"] = fields
    return texts
