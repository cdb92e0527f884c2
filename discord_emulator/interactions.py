"""The lifecycle of an interaction: created, acknowledged within 3 s, answered for 15 min, settled or failed."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from discord_emulator import errors
from discord_emulator.condition import Condition
from discord_emulator.errors import InteractionFailed, Json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from discord_emulator.context import Context
    from discord_emulator.history import Message
    from discord_emulator.model import Channel, User

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
REPLY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9

DID_NOT_RESPOND = "The application did not respond"
OFFLINE = "The application did not respond (the bot is offline)"
FAILED = "This interaction failed"

_LOOK_EVERY = 0.1  # seconds between checks of the deadline clock, which may run slower than the event loop's


@dataclass
class ReplyEvent:
    """A callback or webhook call of the bot on an interaction.

    kind: "callback", "edit", "followup" or "delete". type: the callback's type, else None. message: the message's state
    right after, if any.
    """

    kind: str
    type: int | None = None
    message: Json | None = None


@dataclass(eq=False)
class Interaction:
    """An interaction and the bot's responses."""

    id: int
    type: int
    user: User
    channel: Channel
    data: Json
    created: float
    token: str = field(default_factory=lambda: secrets.token_urlsafe(80))
    source: Message | None = None  # the message with the component
    nonce: str | None = None
    parent: Interaction | None = None  # for a modal submission: the interaction that opened it
    callback: int | None = None
    original: Message | None = None
    ephemeral: bool = False
    awaiting_first: bool = False  # deferred with "thinking…": the first followup is the reply
    followups: list[int] = field(default_factory=list)
    events: list[ReplyEvent] = field(default_factory=list)
    choices: list[Json] | None = None
    modal: Json | None = None
    failure: str | None = None
    refusal: str | None = None  # the last API error returned to the bot
    asked: float = 0.0  # time sent, on the deadline clock
    timer: asyncio.TimerHandle | None = None
    changed: Condition = field(default_factory=Condition)

    @property
    def settled(self) -> bool:
        """Whether the interaction is complete for the user.

        True once the bot has replied (4), updated the message (7), returned choices (8) or opened a modal (9); after a
        deferral (5, 6) with the first edit, followup or deletion.
        """
        if self.callback in (DEFER, DEFER_UPDATE):
            return len(self.events) > 1
        return self.callback is not None

    def note(self, event: ReplyEvent) -> None:
        """Record a response and notify waiters."""
        self.events.append(event)
        self.changed.notify()

    def fail(self, message: str) -> None:
        """Mark the interaction as failed."""
        self.failure = message
        self.changed.notify()

    async def wait(self, done: Callable[[], bool], timeout: float) -> None:  # noqa: ASYNC109 - the caller's own limit
        """Wait until `done()`; raise InteractionFailed on failure or after `timeout` s."""
        try:
            await self.changed.until(lambda: bool(self.failure) or done(), timeout)
        except TimeoutError:
            state = "acknowledged it but did not reply" if self.callback else "did not acknowledge it"
            raise InteractionFailed(self._why(f"After {timeout:g} s the bot {state}")) from None
        if self.failure:
            raise InteractionFailed(self._why(self.failure))

    def _why(self, message: str) -> str:
        return message + (f"; its last request was refused: {self.refusal}" if self.refusal else "")


class Interactions:
    """The recent interactions, by id and by token."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._by_id: OrderedDict[int, Interaction] = OrderedDict()
        self._by_token: dict[str, Interaction] = {}

    def add(self, interaction: Interaction) -> None:
        """Register an interaction and start its 3 s deadline."""
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        while len(self._by_id) > self._context.limits.interactions_kept:
            old = self._by_id.popitem(last=False)[1]
            self._by_token.pop(old.token, None)
        interaction.asked = self._context.deadline_clock()
        self._watch(interaction)

    def give_up(self, interaction: Interaction, message: str) -> None:
        """Fail an interaction and show that on the user's page."""
        if interaction.timer:
            interaction.timer.cancel()
        interaction.fail(message)
        payload = {"nonce": interaction.nonce, "message": message, "interaction_id": str(interaction.id)}
        self._context.pages.send("INTERACTION_FAILED", payload, lambda user: user is interaction.user)

    def _watch(self, interaction: Interaction) -> None:
        """Fail an interaction when its deadline passes; else check again later."""
        if interaction.callback is not None or interaction.failure is not None:
            return
        if self._too_late(interaction):
            self.give_up(interaction, FAILED if interaction.type == COMPONENT else DID_NOT_RESPOND)
            return
        interaction.timer = asyncio.get_running_loop().call_later(_LOOK_EVERY, self._watch, interaction)

    def _too_late(self, interaction: Interaction) -> bool:
        return self._context.deadline_clock() - interaction.asked > self._context.limits.ack_seconds

    @property
    def recent(self) -> Iterable[Interaction]:
        """The stored interactions, oldest first."""
        return self._by_id.values()

    def get(self, interaction_id: int) -> Interaction | None:
        """Return an interaction by id."""
        return self._by_id.get(interaction_id)

    def note_refusal(self, token: str, error: errors.ApiError) -> None:
        """Record an API error, for error messages to the caller."""
        interaction = self._by_token.get(token)
        if interaction:
            interaction.refusal = str(error)

    def for_callback(self, interaction_id: int, token: str) -> Interaction:
        """Return the interaction for a callback: 10062 when unknown or too late, 40060 when answered."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None or not secrets.compare_digest(interaction.token, token):
            raise errors.unknown("interaction")
        if interaction.callback is not None:
            raise errors.already_acknowledged()
        if self._too_late(interaction) or interaction.failure:
            raise errors.unknown("interaction")
        return interaction

    def for_webhook(self, application_id: int, token: str) -> Interaction:
        """Return the interaction for a webhook URL: 10015 before the callback, 50027 after 15 minutes."""
        interaction = self._by_token.get(token)
        if application_id != self._context.world.application_id:
            raise errors.unknown("webhook")
        if interaction is None:
            raise errors.invalid_webhook_token()
        if self._context.clock() - interaction.created > self._context.limits.token_seconds:
            raise errors.invalid_webhook_token()
        if interaction.callback is None:
            raise errors.unknown("webhook")
        return interaction

    def close(self) -> None:
        """Cancel all timers."""
        for interaction in self._by_id.values():
            if interaction.timer:
                interaction.timer.cancel()
