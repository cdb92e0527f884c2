"""What the studio is asked for, what it gives, and what may go wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gan.codes import IconCode
from gan.errors import MeliconError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gan.checkpoint.weights import ModelCard
    from gan.latent.edits import Setting
    from gan.rendering.second_stage import GeneratorOutput


class DrawError(MeliconError):
    """An icon could not be drawn; `code` is the one that was asked for."""

    def __init__(self, code: IconCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class UnknownStyle(DrawError):  # noqa: N818 - says what is the matter
    """The code names a style that is not here."""


class UnknownModel(DrawError):  # noqa: N818
    """The code is pinned to a model of its style that is not here any more."""


class NoSuchTweak(DrawError):  # noqa: N818
    """The code tweaks what icons of its style do not have, or farther than it goes: `name`; they have `known`."""

    def __init__(self, code: IconCode, message: str, name: str, known: Sequence[str]) -> None:
        super().__init__(code, message)
        self.name = name
        self.known = known


class StudioClosed(DrawError):  # noqa: N818
    """The studio takes no more requests: the process is about to end."""


class Sampler(Protocol):
    """What the studio needs of `gan.sampling.sampler.Sampler`."""

    @property
    def card(self) -> ModelCard:
        """The model's card: its style and its hash."""

    def draw(self, codes: Sequence[IconCode]) -> NDArray[np.uint8]:
        """Return (N, 64, 64, 3) pixels; thread-safe."""

    @property
    def gradual(self) -> bool:
        """Whether icons change as gradually as the points between them."""

    def generate(self, codes: Sequence[IconCode]) -> list[GeneratorOutput]:
        """Return what the generator makes of icons; thread-safe."""

    def enlarge(self, output: GeneratorOutput, size: int) -> NDArray[np.uint8]:
        """Return an icon at `size` pixels a side; thread-safe."""

    def render(self, codes: Sequence[IconCode], size: int) -> list[NDArray[np.uint8]]:
        """Return icons at `size` pixels a side; thread-safe."""

    def render_resolved(self, resolved: NDArray[np.float64], size: int) -> list[NDArray[np.uint8]]:
        """Return what lies at the points that `resolved` returns, at `size` pixels a side; thread-safe."""

    @property
    def free(self) -> int:
        """How many numbers of a latent choose no attribute."""

    def resolved(self, codes: Sequence[IconCode]) -> NDArray[np.float64]:
        """Return the points that morphs lead through, (N, z_dim)."""

    def points(self, normal: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the same of latents as `gan.latent.resolve` makes them, (N, z_dim)."""

    def seed_points(self, seeds: Iterable[int]) -> NDArray[np.float64]:
        """Return the same of plain seeds."""

    def choices(self, latents: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return what latents choose, (N, attributes)."""

    def sketch(self, resolved: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Return (N, 64, 64, 3) pixels, quickly; thread-safe."""

    def describe(self, code: IconCode) -> dict[str, str]:
        """Return what the code asks for, such as hair: blue; {} where the model knows no attributes."""

    def settings(self, code: IconCode) -> list[Setting]:
        """Return where each of the model's knobs stands for the code."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished icon."""

    code: IconCode  # bare: without style and model
    style: str
    model: str  # the first 8 hex digits of its hash
    size: int  # pixels a side
    png: bytes  # carries the pinned code in a text chunk
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)  # what it shows, such as hair: blue

    @property
    def pinned(self) -> IconCode:
        """The full code: this very picture, whatever style and model are in use later."""
        return self.code.pinned(self.style, self.model)

    @property
    def filename(self) -> str:
        """A name that is safe everywhere, for example `melicon-123.png`."""
        return f"melicon-{self.code.filename}.png"


@dataclass(frozen=True, slots=True)
class Request:
    """One icon that is waited for: equal requests are drawn once."""

    sampler: Sampler
    code: IconCode  # pinned
    size: int
    round: bool = False  # transparent outside of a circle


@dataclass(frozen=True, slots=True)
class Finished:
    """What a thread hands back; its length is what it takes in a cache."""

    png: bytes
    attributes: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.png)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Several icons in one numbered picture."""

    codes: list[IconCode]  # pinned, in the order of their numbers
    png: bytes


@dataclass(frozen=True, slots=True)
class Fit:
    """An icon that was searched for: its wishes that came true, and those that did not."""

    code: IconCode
    met: dict[str, list[str]]  # what the icon has, one value for each wish
    unmet: dict[str, list[str]]
