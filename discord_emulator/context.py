"""The shared context: world, clocks, limits and open pages."""

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
        self.deadline_clock = deadline_clock or clock  # measures the deadline for acknowledgements
        self.limits = limits
        self.origin = origin
        self.key = key
        self.privileged_intents = privileged_intents
        self.pages = PageHub(limits.page_sockets)

    @property
    def gateway_url(self) -> str:
        """The gateway's URL."""
        return self.origin.replace("http", "ws", 1) + "/gw"
