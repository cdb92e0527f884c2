"""What all buttons and menus share. They carry what they need in their custom_id, so they live through restarts.

A custom_id is `mel:v1:<what>[:<values>]`, at most 100 characters. An id that has been in a message is never given
another meaning: a new one gets the next version, and the old ones are answered by `answer_unclaimed`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

import discord
from discord import ui

from bot.access.charging import ORDER
from bot.errors import Refusal
from bot.ui.problems import report

if TYPE_CHECKING:
    from bot.client import MeliconBot

_CLAIMED = "melicon.claimed"  # in interaction.extras: something of ours answers it
_PATIENCE = 0.1  # seconds; a button of ours claims its press in the same turn of the loop


class Buttons(ui.View):
    """A row of `PersistentItem`s, made afresh for each message and never changed once sent.

    discord.py 2.7.1 forgets a dynamic item's class, for all messages and for as long as the process lives, when a sent
    view loses its last item of that class, or is stopped or times out with others beside it. Here that cannot happen.
    """

    def __init__(self, *items: PersistentItem) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)

    @property
    def timeout(self) -> None:
        """None: the buttons work for as long as their message is there."""

    @timeout.setter
    def timeout(self, value: float | None) -> None:
        """Do nothing: the library gives private messages 15 minutes, and each a task that would outlive the bot."""

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


class PersistentItem(ui.DynamicItem[Any], template="(?!)"):
    """A button or menu that always answers: it acknowledges first, and says what goes wrong in the user's language.

    A subclass gives its `template`, says in `press` what it does, in `from_match` how a custom_id becomes the button,
    and in `cost` what a press costs.
    """

    cost: ClassVar[float] = ORDER

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - the library's signature
        item: ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
        /,
    ) -> Self:
        """Make the button anew from its custom_id."""
        return cls.from_match(match.groupdict())

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Make the button from what its custom_id says: `values` are the groups of its template."""
        raise NotImplementedError

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a press."""
        interaction.extras[_CLAIMED] = True
        try:
            interaction.client.charges.order(interaction, self.cost_for(interaction))
            with interaction.client.work():
                await self.acknowledge(interaction)
                await self.press(interaction)
        except Exception as error:  # noqa: BLE001 - every press is answered
            await report(interaction, error)

    def cost_for(self, interaction: discord.Interaction[MeliconBot]) -> float:  # noqa: ARG002 - subclasses use it
        """Return what this press costs."""
        return self.cost

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Tell Discord within its 3 s that the press has arrived."""
        await interaction.response.defer(thinking=True)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Do what the button is for."""
        raise NotImplementedError


def chosen(interaction: discord.Interaction[Any]) -> str:
    """Return the value that was chosen in a menu of which one takes one."""
    return str(interaction.data["values"][0])  # type: ignore[typeddict-item,index]  # the library types buttons only


class Form(ui.Modal):
    """A form that lives through a restart: its custom_id says what it is for, and it is answered by that alone.

    A subclass gives its `template`, says in `submitted` what becomes of the answers and in `cost` what that costs. The
    library's own bookkeeping
    of open forms, which a restart empties, is not used.
    """

    template: ClassVar[re.Pattern[str]]
    cost: ClassVar[float] = ORDER

    def __init__(self, title: str, custom_id: str) -> None:
        super().__init__(title=title, custom_id=custom_id, timeout=None)

    @classmethod
    async def submitted(
        cls, interaction: discord.Interaction[MeliconBot], values: Mapping[str, str], answers: Mapping[str, str]
    ) -> None:
        """Do what the form is for: `values` are the groups of its template, `answers` what was entered, by field."""
        raise NotImplementedError


async def ask(interaction: discord.Interaction[MeliconBot], form: Form) -> None:
    """Open a form in answer to `interaction`."""
    await interaction.response.send_modal(form)
    # nothing of it stays in the library: not the form, which may never be sent, and no task that waits for it to expire
    form.stop()


async def answer_form(interaction: discord.Interaction[MeliconBot], forms: Iterable[type[Form]]) -> None:
    """Hand a submitted form to the one of `forms` that it belongs to, if any."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return
    data: Any = interaction.data
    for form in forms:
        if match := form.template.fullmatch(data["custom_id"]):
            interaction.extras[_CLAIMED] = True
            try:
                interaction.client.charges.order(interaction, form.cost)
                with interaction.client.work():
                    await form.submitted(interaction, match.groupdict(), _answers(data["components"]))
            except Exception as error:  # noqa: BLE001 - every form is answered
                await report(interaction, error)


def _answers(components: Iterable[Any]) -> dict[str, str]:
    """Return the texts of a form, and the first choices of its menus; what was left empty is left out."""
    answers = {}
    for item in components:
        for field in [item["component"]] if "component" in item else item.get("components", []):
            given = field.get("value") or next(iter(field.get("values") or ()), "")
            if given:
                answers[str(field["custom_id"])] = str(given)
    return answers


async def answer_unclaimed(interaction: discord.Interaction[MeliconBot]) -> None:
    """Answer a press, a choice or a form that nothing of ours has claimed: from an earlier version, or unknown."""
    if interaction.type not in {discord.InteractionType.component, discord.InteractionType.modal_submit}:
        return
    await asyncio.sleep(_PATIENCE)
    if interaction.extras.get(_CLAIMED) or interaction.response.is_done():
        return
    await report(interaction, Refusal("error.retired"))
