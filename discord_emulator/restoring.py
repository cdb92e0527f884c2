"""Restores the messages of an earlier process (`discord_emulator.archive`)."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from discord_emulator.attachments import Upload
from discord_emulator.history import Message
from discord_emulator.snowflakes import born_at

if TYPE_CHECKING:
    from discord_emulator.archive import Contents, MessageRow
    from discord_emulator.core import Core
    from discord_emulator.model import Channel

log = logging.getLogger(__name__)


def restore_messages(core: Core, kept: Contents) -> None:
    """Restore messages and files, adapting the files' URLs to the current port."""
    channels = {**core.world.private}
    for guild in core.world.guilds.values():
        channels |= guild.channels
    for row in kept.messages:
        try:
            _restore(core, channels[row[1]], kept.facts["origin"], row)
        except (KeyError, TypeError, ValueError) as error:
            log.warning("skipped the unreadable message %s: %r", row[0], error)


def _restore(core: Core, channel: Channel, origin: str, row: MessageRow) -> None:
    message_id, channel_id, author_id, rest, files = row
    author = core.world.users[author_id]
    payload = json.loads(json.dumps(rest["payload"]).replace(f"{origin}/", f"{core.origin}/"))
    uploads = [(file_id, Upload(name["filename"], data, name["description"])) for file_id, name, data in files]
    stored = [core.attachments.add(file_id, channel_id, upload) for file_id, upload in uploads]
    message = Message(message_id, channel, author, payload, stored, nonce=rest["nonce"])
    message.reactions = rest["reactions"]
    core.history.add(message)
    if message.nonce and author is core.world.bot:
        core.nonces[channel_id, message.nonce] = (born_at(message_id), message)
