"""What every part of the emulator works with: the world, the clocks, the limits and the open pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_emulator.pagehub import PageHub

if TYPE_CHECKING:
    from discord_emulator.clock import Clock
    from discord_emulator.limits import Limits
    from discord_emulator.world import World


class Context:
    """World, clocks, limits and pages."""

    def __init__(
        self,
        world: World,
        clock: Clock,
        limits: Limits,
        *,
        origin: str,
        privileged_intents: int,
        key: str,
        deadline_clock: Clock | None = None,
    ) -> None:
        self.world = world
        self.clock = clock
        self.deadline_clock = deadline_clock or clock  # measures the time until an interaction is acknowledged
        self.limits = limits
        self.origin = origin
        self.key = key
        self.privileged_intents = privileged_intents
        self.pages = PageHub(limits.page_sockets)

    @property
    def gateway_url(self) -> str:
        """Where the bot finds the gateway."""
        return self.origin.replace("http", "ws", 1) + "/gw"
