"""The emojis and stickers of a guild.

https://discord.com/developers/docs/resources/emoji, https://discord.com/developers/docs/resources/sticker
"""

from __future__ import annotations

import re
import struct

from discord_emulator import errors
from discord_emulator.model import Expression, Guild, base_permissions
from discord_emulator.payloads import emoji_json, sticker_json
from discord_emulator.permissions import Permission
from discord_emulator.rest.call import Answer, Call, Route
from discord_emulator.rest.guilds import find_guild
from discord_emulator.rest.images import invalid, read_image

MOST_EMOJIS, MOST_STICKERS = 50, 5  # of a guild without boosts
EMOJI_BYTES, STICKER_BYTES = 256 * 1024, 512 * 1024
STICKER_SIDE = 320  # pixels
_NAME = re.compile(r"\w{2,32}", re.ASCII)
_PNG = b"\x89PNG\r\n\x1a\n"


def _may_create(call: Call) -> Guild:
    guild = find_guild(call)
    held = base_permissions(guild, guild.members[call.core.world.bot.id])
    if not held & (Permission.CREATE_GUILD_EXPRESSIONS | Permission.MANAGE_GUILD_EXPRESSIONS):
        raise errors.missing_permissions()
    return guild


async def _emojis(call: Call) -> Answer:
    return [emoji_json(emoji) for emoji in find_guild(call).emojis.values()]


async def _create_emoji(call: Call) -> Answer:
    guild = _may_create(call)
    payload = (await call.read()).payload
    payload = payload if isinstance(payload, dict) else {}
    name = payload.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise invalid("name", "STRING_TYPE_REGEX", "String value did not match validation regex.")
    image = read_image("image", payload.get("image"), EMOJI_BYTES)
    if len(guild.emojis) >= MOST_EMOJIS:
        raise errors.ApiError(400, 30008, f"Maximum number of emojis reached ({MOST_EMOJIS})")
    emoji = Expression(call.core.world.make_id(), name, image)
    guild.emojis[emoji.id] = emoji
    call.core.keep_world()
    return 201, emoji_json(emoji)


async def _stickers(call: Call) -> Answer:
    guild = find_guild(call)
    return [sticker_json(guild, sticker) for sticker in guild.stickers.values()]


async def _create_sticker(call: Call) -> Answer:
    guild = _may_create(call)
    parts = (await call.read(STICKER_BYTES)).named
    texts: dict[str, str] = {
        key: parts[key].data.decode("utf-8", "replace") for key in ("name", "description", "tags") if key in parts
    }
    for key, low, high in (("name", 2, 30), ("tags", 1, 200)):
        if not low <= len(texts.get(key, "")) <= high:
            raise invalid(key, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
    description = texts.get("description", "")
    if description and not 2 <= len(description) <= 100:
        raise invalid("description", "BASE_TYPE_BAD_LENGTH", "Must be between 2 and 100 in length.")
    image = parts["file"].data if "file" in parts else b""
    if not image.startswith(_PNG) or struct.unpack(">II", image[16:24]) != (STICKER_SIDE, STICKER_SIDE):
        raise errors.ApiError(400, 50046, "Invalid Asset")
    if len(guild.stickers) >= MOST_STICKERS:
        raise errors.ApiError(400, 30039, f"Maximum number of stickers reached ({MOST_STICKERS})")
    sticker = Expression(call.core.world.make_id(), texts["name"], image, texts["tags"], description)
    guild.stickers[sticker.id] = sticker
    call.core.keep_world()
    return 201, sticker_json(guild, sticker)


_GUILD = "/guilds/{guild_id}"

ROUTES = (
    Route("GET", _GUILD + "/emojis", _emojis),
    Route("POST", _GUILD + "/emojis", _create_emoji),
    Route("GET", _GUILD + "/stickers", _stickers),
    Route("POST", _GUILD + "/stickers", _create_sticker),
)
