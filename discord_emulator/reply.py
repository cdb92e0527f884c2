"""The bot's reply to an interaction, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_emulator.errors import Json
from discord_emulator.interactions import DEFER, DEFER_UPDATE, Interaction, ReplyEvent
from discord_emulator.limits import PATIENCE

if TYPE_CHECKING:
    from discord_emulator.core import Core
    from discord_emulator.history import Message


class Reply:
    """The reply to one interaction; it reflects later edits and followups."""

    def __init__(self, core: Core, interaction: Interaction) -> None:
        self._core = core
        self.interaction = interaction

    @property
    def events(self) -> list[ReplyEvent]:
        """Every callback, followup, edit and deletion so far, in order."""
        return self.interaction.events

    @property
    def message(self) -> Json | None:
        """The current reply message; None if there is none or it was deleted.

        The reply itself (callback 4 or 5), the component's message if the bot updated it (7, or 6 and an edit), or the
        first followup after a bare acknowledgement (6).
        """
        interaction = self.interaction
        chosen = interaction.original
        untouched = not any(event.kind == "edit" for event in interaction.events)
        if interaction.callback == DEFER_UPDATE and interaction.followups and untouched:
            chosen = self._stored(interaction.followups[0])
        if chosen is None or self._stored(chosen.id) is None:
            return None
        return chosen.json()

    @property
    def followups(self) -> list[Json]:
        """The current followups that are separate messages."""
        found = [self._stored(message_id) for message_id in self.interaction.followups]
        return [message.json() for message in found if message]

    @property
    def ephemeral(self) -> bool:
        """Whether only the invoking user sees the reply."""
        message = self.message
        return bool(message and message["flags"] & 64)

    @property
    def deferred(self) -> bool:
        """Whether the bot deferred its reply."""
        return self.interaction.callback in (DEFER, DEFER_UPDATE)

    @property
    def modal(self) -> Json | None:
        """The modal the bot opened, until it is submitted."""
        return self.interaction.modal

    @property
    def choices(self) -> list[Json]:
        """The autocomplete choices."""
        return self.interaction.choices or []

    async def more(self, count: int, timeout: float = PATIENCE) -> list[ReplyEvent]:  # noqa: ASYNC109 - a test's own limit
        """Wait for at least `count` events, and return all."""
        await self.interaction.wait(lambda: len(self.events) >= count, timeout)
        return self.events

    def _stored(self, message_id: int) -> Message | None:
        return self._core.history.get(self.interaction.channel.id, message_id)
