"""The public Python API.

Load a model and draw an icon:

    from gan import Icons
    Icons.load().draw("naru", size=512).save("naru.png")
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gan.codes import IconCode
from gan.shipped import DEFAULT_WEIGHTS

if TYPE_CHECKING:
    from PIL import Image

    from gan.sampling.sampler import Sampler


class Icons:
    """The icons of one model. Any number of threads may share one."""

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler

    @classmethod
    def load(cls, weights: Path | str = DEFAULT_WEIGHTS) -> Icons:
        """Load a model, by default the shipped one. Raises gan.checkpoint.weights.WeightsError."""
        from gan.sampling.sampler import Sampler  # noqa: PLC0415 - imports PyTorch

        return cls(Sampler.load(Path(weights)))

    def draw(self, code: str | int, *, size: int = 512) -> Image.Image:
        """Draw the icon of a number, a word or an icon code: RGB, `size` × `size` pixels, 16 to 2,048.

        The same code and the same model give the same pixels on every machine. Raises gan.codes.CodeError for a code
        that is not valid or belongs to another style, and ValueError for a size out of range.
        """
        from PIL import Image  # noqa: PLC0415

        return Image.fromarray(self._sampler.render([IconCode.parse(str(code))], size)[0])

    def describe(self, code: str | int) -> dict[str, str]:
        """Return the attributes of an icon, such as hair: pink; {} if the model has none."""
        return self._sampler.describe(IconCode.parse(str(code)))
