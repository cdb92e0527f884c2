"""`melicon figure`: figures of a model and its training."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gan.cli.options import AsJson, Force, check_target, write_file
from gan.codes import IconCode
from gan.errors import MeliconError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Kind(StrEnum):
    """Kinds of figures."""

    COMPARE = "compare"
    NEAREST = "nearest"
    UNTRAINED = "untrained"
    MEAN = "mean"
    PROGRESS = "progress"


def figure_command(
    source: Annotated[
        Path, typer.Argument(metavar="RUN|WEIGHTS", help="A training run's folder, or a .safetensors file.")
    ],
    kind: Annotated[
        Kind,
        typer.Option(
            help="compare: real icons above generated ones; nearest: generated icons above their nearest real ones;"
            " untrained: the initial network; mean: the average of the data; progress: icons and curves over a run."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="F", help="The .png to write.")],
    data: Annotated[
        str | None,
        typer.Option(metavar="DATA", help="Training data: a folder, zip or artist:N; by default from the model card."),
    ] = None,
    *,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Draw a figure of a model or a training run."""
    from gan.figures import figures  # noqa: PLC0415  # imports Pillow and NumPy
    from gan.rendering import encode_plain_png  # noqa: PLC0415

    if out.suffix.lower() != ".png":
        raise MeliconError(f"--out {out}: figures are written as PNG; name it {out.with_suffix('.png').name}")
    check_target(out, force=force)
    if not source.exists():
        raise MeliconError(f"{source} is not there: name a run's folder or a .safetensors file")
    weights = source / "generator.safetensors" if source.is_dir() else source
    if kind is Kind.PROGRESS:
        if not source.is_dir():
            raise MeliconError(f"{source} is a file: progress is drawn of a run's folder")
        figure = figures.progress_figure(source)
    elif kind is Kind.UNTRAINED:
        from gan.checkpoint.weights import load_card  # noqa: PLC0415  # imports torch

        figure = figures.untrained_figure(load_card(weights).architecture)
    elif kind is Kind.MEAN:
        figure = figures.mean_figure(_real_icons(source, weights, data))
    else:
        from gan.sampling.sampler import Sampler  # noqa: PLC0415  # imports torch

        real = _real_icons(source, weights, data)
        generated = Sampler.load(weights).draw([IconCode.from_seed(s) for s in range(8 if kind is Kind.NEAREST else 5)])
        if kind is Kind.NEAREST:
            figure = figures.nearest_figure(generated, real)
        else:
            figure = figures.compare_figure(_some(real, 5), generated)
    write_file(out, encode_plain_png(figure))
    if as_json:
        typer.echo(json.dumps({"file": str(out), "kind": str(kind), "width": figure.shape[1], "height": len(figure)}))
    else:
        typer.echo(str(out))


def _real_icons(source: Path, weights: Path, data: str | None) -> NDArray[np.uint8]:
    """Load the training data: `data`, or else the copy in the run or the source named in the model card."""
    from gan.checkpoint.weights import load_card  # noqa: PLC0415  # imports torch
    from gan.dataset import load_images  # noqa: PLC0415

    if data is None and (source / "pictures.npz").exists():
        from gan.training import TrainingSet  # noqa: PLC0415  # imports torch

        return TrainingSet.open(source / "pictures.npz").images
    if data is None:
        data = load_card(weights).dataset.get("source")
        if not isinstance(data, str):
            raise MeliconError(
                "the model card does not say what it learned from: add --data with a folder, zip or artist:N"
            )
    pixels, _ = load_images(data)
    return pixels


def _some(icons: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    """Pick `count` icons at random, always the same ones."""
    import numpy as np  # noqa: PLC0415

    return icons[np.random.RandomState(0).permutation(len(icons))[:count]]
