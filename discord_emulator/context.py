"""The shared context: world, clocks, limits and open pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from discord_emulator.pagehub import PageHub

if TYPE_CHECKING:
    from discord_emulator.clock import Clock
    from discord_emulator.limits import Limits
    from discord_emulator.world import World


@dataclass(eq=False)
class Context:
    """World, clocks, limits and pages."""

    world: World
    clock: Clock
    limits: Limits
    origin: str
    privileged_intents: int
    key: str
    deadline_clock: Clock  # measures the deadline for acknowledgements
    pages: PageHub = field(init=False)

    def __post_init__(self) -> None:
        """Create the hub of the open pages."""
        self.pages = PageHub(self.limits.page_sockets)

    @property
    def gateway_url(self) -> str:
        """The gateway's URL."""
        return self.origin.replace("http", "ws", 1) + "/gw"
