"""Registers the commands with Discord when they have changed.

Discord limits creations to 200 a day for each server. So the hash of the last registration is stored in the database,
for each application and scope.
"""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any, Literal

import discord
from discord import app_commands

from bot.store import Store

log = logging.getLogger(__name__)


async def sync_commands(
    tree: app_commands.CommandTree[Any],
    store: Store,
    *,
    admin_guild_id: int | None,
    when: Literal["changed", "always", "never"] = "changed",
) -> None:
    """Register the global commands and those of the admin server, subject to `when`.

    Raises discord.HTTPException when Discord refuses the global commands.
    """
    if when == "never":
        return
    scopes: list[discord.Object | None] = [None]
    if admin_guild_id is not None:
        scopes.append(discord.Object(admin_guild_id))
    for guild in scopes:
        key = f"commands:{tree.client.application_id}:{guild.id if guild else 'global'}"
        payload_hash = await _hash(tree, guild)
        known = await store.get(key)
        nothing_yet = known is None and not tree.get_commands(guild=guild)
        if when == "changed" and (known == payload_hash or nothing_yet):
            log.debug("the commands of %s are unchanged", key)
            continue
        try:
            synced = await tree.sync(guild=guild)
        except discord.Forbidden as error:
            if guild is None:
                raise
            log.warning("ADMIN_GUILD_ID %d: cannot register commands: %s", guild.id, error.text)
            continue
        await store.put(key, payload_hash)
        log.info("registered %d commands (%s)", len(synced), guild.id if guild else "global")


async def _hash(tree: app_commands.CommandTree[Any], guild: discord.Object | None) -> str:
    """Hash the payload of `tree.sync`."""
    translator = tree.translator
    payload = [
        await command.get_translated_payload(tree, translator) if translator else command.to_dict(tree)
        for command in tree.get_commands(guild=guild)
    ]
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
