"""What all buttons and menus share. They carry what they need in their custom_id, so they live through restarts.

A custom_id is `mel:v1:<what>[:<values>]`, at most 100 characters. An id that has been in a message is never given
another meaning: a new one gets the next version, and the old ones are answered by `answer_unclaimed`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self

import discord
from discord import ui

from bot.problems import Refusal, report

if TYPE_CHECKING:
    from bot.client import MeliconBot

_CLAIMED = "melicon.claimed"  # in interaction.extras: something of ours answers it
_PATIENCE = 0.1  # seconds; a button of ours claims its press in the same turn of the loop


class Buttons(ui.View):
    """A row of `Pressable`s, made afresh for each message and never changed once sent.

    discord.py 2.7.1 forgets a dynamic item's class, for all messages and for as long as the process lives, when a sent
    view loses its last item of that class, or is stopped or times out with others beside it. Here that cannot happen.
    """

    def __init__(self, *items: Pressable) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)

    def add_item(self, item: ui.Item[Any]) -> Self:
        """Add a dynamic item, and only that."""
        if not isinstance(item, ui.DynamicItem):
            raise TypeError("only dynamic items live through a restart")
        return super().add_item(item)

    def remove_item(self, item: ui.Item[Any]) -> NoReturn:  # noqa: ARG002 - the library's signature
        """Refuse: make a fresh view instead."""
        raise TypeError("make a fresh view instead of changing one that may have been sent")

    def clear_items(self) -> NoReturn:
        """Refuse: make a fresh view instead."""
        raise TypeError("make a fresh view instead of changing one that may have been sent")

    def stop(self) -> None:
        """Do nothing: there is nothing to wait for, and the class must stay registered."""


class Pressable(ui.DynamicItem[ui.Button[Any]], template="(?!)"):
    """A button that always answers: it acknowledges first, and reports what goes wrong in the presser's language.

    A subclass gives its `template`, says in `press` what it does and in `remake` how a custom_id becomes the button.
    """

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - the library's signature
        item: ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
        /,
    ) -> Self:
        """Make the button anew from its custom_id."""
        return cls.remake(match.groupdict())

    @classmethod
    def remake(cls, values: Mapping[str, str | None]) -> Self:
        """Make the button from what its custom_id says: `values` are the groups of its template."""
        raise NotImplementedError

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a press."""
        interaction.extras[_CLAIMED] = True
        try:
            with interaction.client.work():
                await self.acknowledge(interaction)
                await self.press(interaction)
        except Exception as error:  # noqa: BLE001 - every press is answered
            await report(interaction, error)

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Tell Discord within its 3 s that the press has arrived."""
        await interaction.response.defer(thinking=True)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Do what the button is for."""
        raise NotImplementedError


async def answer_unclaimed(interaction: discord.Interaction[MeliconBot]) -> None:
    """Answer a press, a choice or a form that nothing of ours has claimed: from an earlier version, or unknown."""
    if interaction.type not in {discord.InteractionType.component, discord.InteractionType.modal_submit}:
        return
    await asyncio.sleep(_PATIENCE)
    if interaction.extras.get(_CLAIMED) or interaction.response.is_done():
        return
    await report(interaction, Refusal("error.retired"))
