"""Architecture of an upscaler and its file format: integers in safetensors, the architecture in the header.

An upscaler works at 16×16 to 128×128 and predicts 256×256: RGB, or for each pixel the scores of the drawing's colours.
Each resolution (a `Stage`) concatenates the output of the previous one with its own inputs, applies 3×3 convolutions
and enlarges by pixel shuffle (Shi et al. 2016).
"""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict, dataclass
from typing import Any

SIDE = 64  # pixels of the input picture
DRAWN = 256  # pixels of the output picture or of its label map
LARGEST = 255  # of an activation: 8 bits, unsigned
MAP_SIDE = 16  # pixels of the first condition map
MOST_LABELS = 64
MOST_MULTIPLICATIONS = 3_000_000_000  # four times as many as in the shipped style


@dataclass(frozen=True)
class Stage:
    """Convolutions at one resolution, with ``inputs`` external channels and ``grows`` output channels.

    ``map_channels`` are those of a condition map of its own, below the first stage.
    """

    side: int
    inputs: int
    width: int
    convolutions: int
    grows: int
    grow_kernel: int = 1
    map_channels: int = 0


@dataclass(frozen=True)
class Spec:
    """An upscaler's architecture. ``conditions`` numbers become a map of ``map_channels``; 0 for none.

    ``colours`` is the number of palette rows, for drawings whose colours depend on conditions; 0 for none. With
    ``labels``, the output is a label map of those rows instead of RGB, and the last stage ends with their scores.
    """

    stages: tuple[Stage, ...]
    conditions: int = 0
    map_channels: int = 0
    colours: int = 0
    labels: bool = False

    def to_json(self) -> str:
        """One line of JSON. Fields added later are left out at their defaults, so earlier files keep their hash."""
        data = asdict(self)
        for stage in data["stages"]:
            if not stage["map_channels"]:
                del stage["map_channels"]
        if not self.labels:
            del data["labels"]
        return json.dumps(data)

    @classmethod
    def from_json(cls, text: str) -> Spec:
        """Read what `to_json` wrote. Raises ValueError for anything else."""
        data: Any = json.loads(text)
        try:
            stages = tuple(Stage(**stage) for stage in data["stages"])
            spec = cls(
                stages, data["conditions"], data["map_channels"], data["colours"], labels=data.get("labels") is True
            )
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
        last = 2 * SIDE if self.labels else SIDE
        if not sides or any(b != 2 * a for a, b in itertools.pairwise(sides)) or sides[-1] != last:
            raise ValueError(f"an upscaler's stages double the side up to {last}, not {sides}")
        if self.conditions and sides[0] != MAP_SIDE:
            raise ValueError(f"an upscaler with conditions begins at {MAP_SIDE} pixels, not {sides[0]}")
        if not all(s.width and s.convolutions and s.grows and s.grow_kernel in {1, 3} for s in self.stages):
            raise ValueError(
                "every stage of an upscaler has channels and convolutions, and grows by a kernel of 1 or 3"
            )
        if self.colours and not self.conditions:
            raise ValueError("conditions choose an upscaler's colours: it has none without them")
        if self.labels and not 0 < self.colours == self.stages[-1].grows <= MOST_LABELS:
            raise ValueError(f"a label map has a channel for each colour, 1 to {MOST_LABELS}")
        if self.labels and self.stages[-1].grow_kernel != 1:
            raise ValueError("the scores of a label map come from a kernel of 1")
        if self.multiplications > MOST_MULTIPLICATIONS:
            raise ValueError(
                f"the upscaler takes {self.multiplications / 1e6:,.0f} million multiplications for an icon;"
                f" the limit is {MOST_MULTIPLICATIONS // 10**6:,} million"
            )
        if any(stage.map_channels and (not self.conditions or stage is self.stages[0]) for stage in self.stages):
            raise ValueError("only later stages have condition maps of their own, and only with conditions")

    @property
    def multiplications(self) -> int:
        """Multiplications of the convolutions for one icon."""
        count = 0 if self.labels else (2 * SIDE) ** 2 * 9 * 12 * self.stages[-1].grows
        for stage in self.stages:
            filters = 9 * (self.inputs_of(stage) + (stage.convolutions - 1) * stage.width)
            count += stage.side**2 * stage.width * (filters + 4 * stage.grows * stage.grow_kernel**2)
        return count

    def inputs_of(self, stage: Stage) -> int:
        """Input channels of the first convolution of ``stage``."""
        before = [s.grows for s in self.stages if 2 * s.side == stage.side]
        return sum(before) + self.map_channels_of(stage) + stage.inputs

    def map_channels_of(self, stage: Stage) -> int:
        """Channels of the condition map of ``stage``."""
        return self.map_channels if stage is self.stages[0] else stage.map_channels

    def map_of(self, stage: Stage) -> str:
        """Name of the layer that makes the condition map of ``stage``."""
        return "map" if stage is self.stages[0] else f"{stage.side}_map"


PLAIN = Spec(
    (
        Stage(32, inputs=12, width=80, convolutions=3, grows=32),
        Stage(64, inputs=3, width=48, convolutions=3, grows=16, grow_kernel=3),
    )
)


def learned(conditions: int, colours: int) -> Spec:
    """The architecture of the shipped style's upscaler, with the generator's features and ``conditions`` as inputs."""
    stages = (
        Stage(16, inputs=128, width=96, convolutions=3, grows=32),
        Stage(32, inputs=64, width=96, convolutions=2, grows=40, map_channels=16),
        Stage(64, inputs=0, width=48, convolutions=2, grows=24, grow_kernel=3),
        Stage(128, inputs=0, width=24, convolutions=1, grows=colours),
    )
    return Spec(stages, conditions, map_channels=48, colours=colours, labels=True)
