"""Architecture of an upscaler and its file format: integers in safetensors, the architecture in the header.

An upscaler works at 16×16 to 128×128 and draws 256×256. Each resolution (a `Stage`) concatenates the output of the
previous one with its own inputs, applies 3×3 convolutions and enlarges by pixel shuffle (Shi et al. 2016).
"""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict, dataclass
from typing import Any

SIDE = 64  # pixels of the input picture
DRAWN = 256  # pixels of the output picture
LARGEST = 255  # of an activation: 8 bits, unsigned
MAP_SIDE = 16  # pixels of the condition map


@dataclass(frozen=True)
class Stage:
    """Convolutions at one resolution, with ``inputs`` external channels and ``grows`` output channels."""

    side: int
    inputs: int
    width: int
    convolutions: int
    grows: int
    grow_kernel: int = 1


@dataclass(frozen=True)
class Spec:
    """An upscaler's architecture. ``conditions`` numbers become a map of ``map_channels``; 0 for none.

    ``colours`` is the number of palette rows, for drawings whose colours depend on conditions; 0 for none.
    """

    stages: tuple[Stage, ...]
    conditions: int = 0
    map_channels: int = 0
    colours: int = 0

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Spec:
        """Read what `to_json` wrote. Raises ValueError for anything else."""
        data: Any = json.loads(text)
        try:
            stages = tuple(Stage(**stage) for stage in data["stages"])
            spec = cls(stages, data["conditions"], data["map_channels"], data["colours"])
        except (TypeError, KeyError) as error:
            raise ValueError(f"no upscaler's shape: {error}") from error
        spec.check()
        return spec

    def check(self) -> None:
        """Raise ValueError for an invalid architecture."""
        numbers = [n for stage in self.stages for n in asdict(stage).values()]
        numbers += [self.conditions, self.map_channels, self.colours]
        if not all(type(n) is int and 0 <= n <= 4096 for n in numbers):
            raise ValueError("an upscaler's numbers are whole, from 0 to 4096")
        sides = [stage.side for stage in self.stages]
        if not sides or any(b != 2 * a for a, b in itertools.pairwise(sides)) or sides[-1] != SIDE:
            raise ValueError(f"an upscaler's stages double the side up to {SIDE}, not {sides}")
        if self.conditions and sides[0] != MAP_SIDE:
            raise ValueError(f"an upscaler with conditions begins at {MAP_SIDE} pixels, not {sides[0]}")
        if not all(s.width and s.convolutions and s.grows and s.grow_kernel in {1, 3} for s in self.stages):
            raise ValueError(
                "every stage of an upscaler has channels and convolutions, and grows by a kernel of 1 or 3"
            )

        if self.colours and not self.conditions:
            raise ValueError("conditions choose an upscaler's colours: it has none without them")

    def inputs_of(self, stage: Stage) -> int:
        """Input channels of the first convolution of ``stage``."""
        before = [s.grows for s in self.stages if 2 * s.side == stage.side]
        return sum(before) + stage.inputs + (self.map_channels if stage is self.stages[0] else 0)


LEARNED_STAGES = (
    Stage(16, inputs=128, width=96, convolutions=2, grows=32),
    Stage(32, inputs=64, width=96, convolutions=2, grows=40),
    Stage(64, inputs=0, width=48, convolutions=2, grows=16, grow_kernel=3),
)
PLAIN = Spec(
    (
        Stage(32, inputs=12, width=80, convolutions=3, grows=32),
        Stage(64, inputs=3, width=48, convolutions=3, grows=16, grow_kernel=3),
    )
)


def learned(conditions: int, colours: int) -> Spec:
    """The architecture of the shipped style's upscaler, with the generator's features and ``conditions`` as inputs."""
    return Spec(LEARNED_STAGES, conditions, map_channels=24, colours=colours)
