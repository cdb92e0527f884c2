"""What comes back from asking the bot something, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_emulator.errors import Json
from discord_emulator.interactions import DEFER, DEFER_UPDATE, Interaction, ReplyEvent
from discord_emulator.limits import PATIENCE

if TYPE_CHECKING:
    from discord_emulator.core import Core
    from discord_emulator.history import Message


class Reply:
    """The bot's answer to one interaction. It stays live: later edits and followups show up in it."""

    def __init__(self, core: Core, interaction: Interaction) -> None:
        self._core = core
        self.interaction = interaction

    @property
    def events(self) -> list[ReplyEvent]:
        """Every callback, followup, edit and deletion so far, in order."""
        return self.interaction.events

    @property
    def message(self) -> Json | None:
        """The message that answers, as it is now; None when there is none or it was deleted.

        The reply itself (callback 4 or 5), the message whose component was used if the bot updated it (7, or 6 and
        then an edit), or the first followup if it only acknowledged (6).
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
        """The followups that are messages of their own, as they are now."""
        found = [self._stored(message_id) for message_id in self.interaction.followups]
        return [message.json() for message in found if message]

    @property
    def ephemeral(self) -> bool:
        """Whether only the asking user sees the answer."""
        message = self.message
        return bool(message and message["flags"] & 64)

    @property
    def deferred(self) -> bool:
        """Whether the bot acknowledged first and answered later."""
        return self.interaction.callback in (DEFER, DEFER_UPDATE)

    @property
    def modal(self) -> Json | None:
        """The modal the bot opened, until it is submitted."""
        return self.interaction.modal

    @property
    def choices(self) -> list[Json]:
        """The suggestions of an autocomplete."""
        return self.interaction.choices or []

    async def more(self, count: int, timeout: float = PATIENCE) -> list[ReplyEvent]:  # noqa: ASYNC109 - a test's own limit
        """Wait until there are at least `count` events, and return them all."""
        await self.interaction.wait(lambda: len(self.events) >= count, timeout)
        return self.events

    def _stored(self, message_id: int) -> Message | None:
        return self._core.history.get(self.interaction.channel.id, message_id)
