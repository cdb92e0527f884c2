"""Loads models on first use, a few at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.features.styles.files import StyleFile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gan.codes import IconCode
    from gan.latent.edits import Setting
    from gan.sampling.sampler import Sampler as GanSampler
    from gan.second_stages.second_stage import GeneratorOutput

_LOADED = 3  # lazily loaded models in memory; each has some 30 MB


class Loaded:
    """The loaded models, least recently used first."""

    def __init__(self, most: int = _LOADED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._samplers: OrderedDict[Path, GanSampler] = OrderedDict()

    def get(self, file: StyleFile) -> GanSampler:
        """Return a style's sampler, from memory or from disk. Raises `WeightsError`. Thread-safe."""
        from gan.checkpoint.weights import WeightsError, load_generator  # noqa: PLC0415 - imports PyTorch
        from gan.sampling.sampler import Sampler  # noqa: PLC0415

        with self._lock:
            sampler = self._samplers.get(file.path)
            if sampler is None or (sampler.card.style, sampler.card.hash) != (file.style, file.card.hash):
                network, card = load_generator(file.path)
                if card.hash != file.card.hash:
                    raise WeightsError(f"{file.path} is no longer {file.style}#{file.model}")
                sampler = self._samplers[file.path] = Sampler(network, file.card)
            self._samplers.move_to_end(file.path)
            while len(self._samplers) > self._most:
                self._samplers.popitem(last=False)
            return sampler


class LazySampler:
    """Has its card from the start and loads its weights on first use."""

    def __init__(self, file: StyleFile, loaded: Loaded) -> None:
        self.file = file
        self.card = file.card
        self._loaded = loaded

    def load(self) -> GanSampler:
        """Return the sampler itself. Raises gan.checkpoint.weights.WeightsError."""
        return self._loaded.get(self.file)

    def draw(self, codes: Sequence[IconCode]) -> NDArray[np.uint8]:
        """Draw as gan.sampling.sampler.Sampler does."""
        return self.load().draw(codes)

    def generate(self, codes: Sequence[IconCode]) -> list[GeneratorOutput]:
        """Generate as gan.sampling.sampler.Sampler does."""
        return self.load().generate(codes)

    def enlarge(self, output: GeneratorOutput, size: int) -> NDArray[np.uint8]:
        """Enlarge as gan.sampling.sampler.Sampler does."""
        return self.load().enlarge(output, size)

    def render(self, codes: Sequence[IconCode], size: int) -> list[NDArray[np.uint8]]:
        """Render as gan.sampling.sampler.Sampler does."""
        return self.load().render(codes, size)

    def render_morph(self, codes: Sequence[IconCode], size: int) -> list[NDArray[np.uint8]]:
        """Render as gan.sampling.sampler.Sampler does."""
        return self.load().render_morph(codes, size)

    @property
    def free(self) -> int:
        """The number of latent dimensions that select no attribute."""
        return self.card.z_dim - int(sum(self.card.architecture.get("attributes", ())))

    def resolved(self, codes: Sequence[IconCode]) -> NDArray[np.float64]:
        """Resolve as gan.sampling.sampler.Sampler does."""
        return self.load().resolved(codes)

    def points(self, normal: NDArray[np.float64]) -> NDArray[np.float64]:
        """Resolve as gan.sampling.sampler.Sampler does."""
        return self.load().points(normal)

    def seed_points(self, seeds: Iterable[int]) -> NDArray[np.float64]:
        """Resolve as gan.sampling.sampler.Sampler does."""
        return self.load().seed_points(seeds)

    def choices(self, latents: NDArray[np.float64]) -> NDArray[np.int64]:
        """Choose as gan.sampling.sampler.Sampler does."""
        return self.load().choices(latents)

    def sketch(self, resolved: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Draw as gan.sampling.sampler.Sampler does."""
        return self.load().sketch(resolved)

    def describe(self, code: IconCode) -> dict[str, str]:
        """Describe as gan.sampling.sampler.Sampler does."""
        return self.load().describe(code)

    def settings(self, code: IconCode) -> list[Setting]:
        """Return the settings as gan.sampling.sampler.Sampler does."""
        return self.load().settings(code)
