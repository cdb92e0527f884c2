"""The studio's request, result and exception types."""

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
    from gan.second_stages.second_stage import GeneratorOutput


class DrawError(MeliconError):
    """An icon could not be drawn; `code` is the requested one."""

    def __init__(self, code: IconCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class UnknownStyle(DrawError):  # noqa: N818 - says what is the matter
    """The code names an unknown style."""


class UnknownModel(DrawError):  # noqa: N818
    """The code is pinned to a model that is gone."""


class NoSuchTweak(DrawError):  # noqa: N818
    """The code has an unknown or out-of-range tweak: `name`; the style has `known`."""

    def __init__(self, code: IconCode, message: str, name: str, known: Sequence[str]) -> None:
        super().__init__(code, message)
        self.name = name
        self.known = known


class StudioClosed(DrawError):  # noqa: N818
    """The studio accepts no more requests: the process is shutting down."""


class Sampler(Protocol):
    """The part of `gan.sampling.sampler.Sampler` that the studio uses."""

    @property
    def card(self) -> ModelCard:
        """The model's card: its style and its hash."""

    def draw(self, codes: Sequence[IconCode]) -> NDArray[np.uint8]:
        """Return (N, 64, 64, 3) pixels; thread-safe."""

    def generate(self, codes: Sequence[IconCode]) -> list[GeneratorOutput]:
        """Return the generator's raw output; thread-safe."""

    def enlarge(self, output: GeneratorOutput, size: int) -> NDArray[np.uint8]:
        """Return an icon at `size` pixels a side; thread-safe."""

    def render(self, codes: Sequence[IconCode], size: int) -> list[NDArray[np.uint8]]:
        """Return icons at `size` pixels a side; thread-safe."""

    def render_morph(self, codes: Sequence[IconCode], size: int) -> list[NDArray[np.uint8]]:
        """Return the frames of a loop through icons at `size` pixels a side; thread-safe."""

    @property
    def free(self) -> int:
        """The number of latent dimensions that select no attribute."""

    def resolved(self, codes: Sequence[IconCode]) -> NDArray[np.float64]:
        """Return the latents for morphs, (N, z_dim)."""

    def points(self, normal: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the same for latents as of `gan.latent.resolve`, (N, z_dim)."""

    def seed_points(self, seeds: Iterable[int]) -> NDArray[np.float64]:
        """Return the same for plain seeds."""

    def choices(self, latents: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the attribute indices of latents, (N, attributes)."""

    def sketch(self, resolved: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Return fast previews (N, 64, 64, 3); thread-safe."""

    def describe(self, code: IconCode) -> dict[str, str]:
        """Return the code's requested attributes, such as hair: blue; {} if the model has none."""

    def settings(self, code: IconCode) -> list[Setting]:
        """Return the position of each edit axis for the code."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished icon."""

    code: IconCode  # bare: without style and model
    style: str
    model: str  # the first 8 hex digits of its hash
    size: int  # pixels a side
    png: bytes  # with the pinned code in a text chunk
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)  # its attributes, such as hair: blue

    @property
    def pinned(self) -> IconCode:
        """The pinned code: identifies this exact picture, whatever style and model are in use later."""
        return self.code.pinned(self.style, self.model)

    @property
    def filename(self) -> str:
        """A portable file name, for example `melicon-123.png`."""
        return f"melicon-{self.code.filename}.png"


@dataclass(frozen=True, slots=True)
class Request:
    """A request for one icon; equal requests are drawn once."""

    sampler: Sampler
    code: IconCode  # pinned
    size: int
    round: bool = False  # transparent outside a circle


@dataclass(frozen=True, slots=True)
class Finished:
    """A thread's result; its length is its cache cost."""

    png: bytes
    attributes: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.png)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Several icons in one numbered picture."""

    codes: list[IconCode]  # pinned, in order
    png: bytes


@dataclass(frozen=True, slots=True)
class Fit:
    """An attribute search's result: the met and unmet conditions of the query."""

    code: IconCode
    met: dict[str, list[str]]  # the icon's value for each met condition
    unmet: dict[str, list[str]]
