"""The menus under a proposal in which the owner chooses pictures to leave out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.features.retrain.buttons import proposal_buttons
from bot.features.retrain.intake import FEWEST
from bot.features.retrain.job_folder import Selection
from bot.features.retrain.job_queue import JobQueue
from bot.store.retrain_jobs import PROPOSED
from bot.ui.persistent_items import Buttons, PersistentItem

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words

    Interaction = discord.Interaction[MeliconBot]

IN_A_MENU, MENUS = 25, 4  # Discord's limits: options in a menu, and rows beside the one with the buttons
MOST_LISTED = IN_A_MENU * MENUS  # as many as the contact sheet shows
_LONGEST_LABEL = 100  # characters


class LeaveOut(PersistentItem, template=r"mel:v1:leave-out:(?P<menu>[0-3]):(?P<job>[0-9]{1,18})"):
    """A menu of up to 25 pictures; the chosen ones are left out of the training."""

    cost = SMALL

    def __init__(self, menu: int, job_id: int, selection: Selection | None = None, words: Words | None = None) -> None:
        self.menu, self.job_id = menu, job_id
        select: ui.Select[Any] = ui.Select(custom_id=f"mel:v1:leave-out:{menu}:{job_id}", min_values=0)
        if selection is not None and words is not None:
            first = menu * IN_A_MENU
            names = selection.names[first : first + IN_A_MENU]
            select.placeholder = words("retrain.leave_out", count=len(names), first=first + 1, last=first + len(names))
            select.max_values = len(names)
            for number, name in enumerate(names, start=first):
                label = f"{number + 1} · {name}"[:_LONGEST_LABEL]
                select.add_option(label=label, value=str(number), default=number in selection.left_out)
        super().__init__(select)

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the menu from its custom id."""
        return cls(int(values["menu"] or 0), int(values["job"] or 0))

    async def acknowledge(self, interaction: Interaction) -> None:
        """Refuse non-owners; else defer the update."""
        await interaction.client.owners.check(interaction)
        await interaction.response.defer()

    async def press(self, interaction: Interaction) -> None:
        """Remember the choice, and show it in the menu."""
        bot = interaction.client
        values = set(interaction.data["values"])  # type: ignore[typeddict-item,index]
        async with bot.service(JobQueue).deciding:
            job = await bot.store.retrain_jobs.get(self.job_id)
            if job is None or job.state != PROPOSED:
                raise Refusal("retrain.gone")
            folder = bot.service(JobQueue).folder(job)
            selection = await asyncio.to_thread(folder.selection)
            first = self.menu * IN_A_MENU
            offered = range(first, min(first + IN_A_MENU, len(selection.names)))
            chosen = {number for number in offered if str(number) in values}
            others = {number for number in selection.left_out if number not in offered}
            if job.pictures - len(chosen | others) < FEWEST:
                raise Refusal("retrain.leave_out.too_few", fewest=FEWEST)
            selection = Selection(selection.names, sorted(chosen | others))
            try:
                await asyncio.to_thread(folder.select, selection)
            except OSError as error:
                raise Refusal("retrain.unwritten", reason=error.strerror or type(error).__name__) from error
            await interaction.edit_original_response(view=proposal_view(job.id, selection, bot.words(interaction)))


def proposal_view(job_id: int, selection: Selection, words: Words) -> Buttons:
    """Return the menus, and Start and Cancel."""
    count = min(MENUS, -(-len(selection.names) // IN_A_MENU))
    menus = [LeaveOut(menu, job_id, selection, words) for menu in range(count)]
    return Buttons(*menus, *proposal_buttons(job_id, words))
