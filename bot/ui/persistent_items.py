"""The base of all buttons and menus. Their state is in the custom id, so they survive restarts.

A custom id is `mel:v1:<what>[:<values>]`, at most 100 characters. Its meaning never changes: a new one gets the next
version, and `answer_unclaimed` answers old ones.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

import discord
from discord import ui

from bot.access.cooldown import ORDER
from bot.errors import Refusal
from bot.ui.problems import report

if TYPE_CHECKING:
    from bot.client import MeliconBot

_CLAIMED = "melicon.claimed"  # in interaction.extras: handled by our code
_PATIENCE = 0.1  # seconds; our buttons claim their presses in the same loop iteration


class Buttons(ui.View):
    """A row of `PersistentItem`s, created for each message and immutable once sent.

    discord.py 2.7.1 unregisters a dynamic item's class, process-wide, when a sent view loses its last item of that
    class, stops or times out. This class prevents that.
    """

    def __init__(self, *items: PersistentItem) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)

    @property
    def timeout(self) -> None:
        """None: the buttons never expire."""

    @timeout.setter
    def timeout(self, value: float | None) -> None:
        """Ignore the value: the library sets 15 minutes for ephemeral messages, and a task each."""

    def add_item(self, item: ui.Item[Any]) -> Self:
        """Add a dynamic item; others are refused."""
        if not isinstance(item, ui.DynamicItem):
            raise TypeError("only dynamic items survive a restart")
        return super().add_item(item)

    def remove_item(self, item: ui.Item[Any]) -> NoReturn:  # noqa: ARG002 - the library's signature
        """Refuse: create a new view instead."""
        raise TypeError("create a new view instead of changing one that may have been sent")

    def clear_items(self) -> NoReturn:
        """Refuse: create a new view instead."""
        raise TypeError("create a new view instead of changing one that may have been sent")

    def stop(self) -> None:
        """Do nothing: the class must stay registered."""


class PersistentItem(ui.DynamicItem[Any], template="(?!)"):
    """A persistent button or menu: acknowledges first, and reports errors in the user's language.

    A subclass defines `template`, `press`, `from_match` to parse its custom id, and `cost`.
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
        """Build the item from its custom id."""
        return cls.from_match(match.groupdict())

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the item from `values`, the template's groups."""
        raise NotImplementedError

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Handle a press."""
        interaction.extras[_CLAIMED] = True
        try:
            interaction.client.cooldowns.charge(interaction, self.cost_for(interaction))
            with interaction.client.work():
                await self.acknowledge(interaction)
                await self.press(interaction)
        except Exception as error:  # noqa: BLE001 - every press is answered
            await report(interaction, error)

    def cost_for(self, interaction: discord.Interaction[MeliconBot]) -> float:  # noqa: ARG002 - subclasses use it
        """Return the cost of this press."""
        return self.cost

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Acknowledge the press within Discord's 3 s."""
        await interaction.response.defer(thinking=True)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Perform the button's action."""
        raise NotImplementedError


def chosen(interaction: discord.Interaction[Any]) -> str:
    """Return the chosen value of a single-choice menu."""
    return str(interaction.data["values"][0])  # type: ignore[typeddict-item,index]  # the library types buttons only


class Form(ui.Modal):
    """A form that survives restarts: its custom id alone identifies it.

    A subclass defines `template`, `submitted` to process the answers, and `cost`. The library's registry of open forms,
    lost at a restart, is not used.
    """

    template: ClassVar[re.Pattern[str]]
    cost: ClassVar[float] = ORDER

    def __init__(self, title: str, custom_id: str) -> None:
        super().__init__(title=title, custom_id=custom_id, timeout=None)

    @classmethod
    async def submitted(
        cls, interaction: discord.Interaction[MeliconBot], values: Mapping[str, str], answers: Mapping[str, str]
    ) -> None:
        """Process the form: `values` are the template's groups, `answers` the entered texts by field."""
        raise NotImplementedError


async def ask(interaction: discord.Interaction[MeliconBot], form: Form) -> None:
    """Open a form in response to `interaction`."""
    await interaction.response.send_modal(form)
    # the library keeps no reference to the form, which may never be submitted, and no expiry task
    form.stop()


async def answer_form(interaction: discord.Interaction[MeliconBot], forms: Iterable[type[Form]]) -> None:
    """Dispatch a submitted form to its class among `forms`, if any."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return
    data: Any = interaction.data
    for form in forms:
        if match := form.template.fullmatch(data["custom_id"]):
            interaction.extras[_CLAIMED] = True
            try:
                interaction.client.cooldowns.charge(interaction, form.cost)
                with interaction.client.work():
                    await form.submitted(interaction, match.groupdict(), _answers(data["components"]))
            except Exception as error:  # noqa: BLE001 - every form is answered
                await report(interaction, error)


def _answers(components: Iterable[Any]) -> dict[str, str]:
    """Return a form's texts and first menu choices; empty ones are omitted."""
    answers = {}
    for item in components:
        for field in [item["component"]] if "component" in item else item.get("components", []):
            given = field.get("value") or next(iter(field.get("values") or ()), "")
            if given:
                answers[str(field["custom_id"])] = str(given)
    return answers


async def answer_unclaimed(interaction: discord.Interaction[MeliconBot]) -> None:
    """Answer an unclaimed component or form: from an earlier version, or unknown."""
    if interaction.type not in {discord.InteractionType.component, discord.InteractionType.modal_submit}:
        return
    await asyncio.sleep(_PATIENCE)
    if interaction.extras.get(_CLAIMED) or interaction.response.is_done():
        return
    await report(interaction, Refusal("error.retired"))
