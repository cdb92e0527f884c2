"""`melicon evaluate`: measure the quality, diversity and novelty of a generator's icons."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gan.errors import MeliconError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gan.checkpoint.model_card import ModelCard
    from gan.metrics.patches import PatchFigures
    from gan.sampling.sampler import Sampler

AT_ONCE = 50  # icons drawn between updates of the progress bar
PATCHES_SIZE = 256  # pixels: picture size for the patch metrics
PATCHES_COUNT = 250  # pictures on each side of that comparison
PATCHES_LIMIT = 2_000  # real pictures of that size held in memory, 400 MB

WeightsArgument = Annotated[Path, typer.Argument(metavar="WEIGHTS", help="The generator: a .safetensors file.")]
Data = Annotated[
    str,
    typer.Option(metavar="DIR|artist:N", help="Training data: a folder or zip of pictures, or artist:N."),
]
Count = Annotated[int, typer.Option(min=16, max=5_000, help="Icons to draw, with seeds from 0, unselected.")]
Fresh = Annotated[
    str | None,
    typer.Option(
        metavar="DIR|artist:N",
        help="Held-out icons of the same style. By default they are drawn for artist:N; for a folder, half of it is "
        "held out, and the figures are less reliable.",
    ),
]
Raw = Annotated[
    bool,
    typer.Option("--raw", help="Measure the generator's 64×64 pictures instead of the displayed icons."),
]
Note = Annotated[bool, typer.Option("--note", help="Write the figures into the model card beside WEIGHTS.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def evaluate_command(
    weights: WeightsArgument,
    data: Data,
    *,
    count: Count = 2_000,
    fresh: Fresh = None,
    raw: Raw = False,
    note: Note = False,
    as_json: AsJson = False,
) -> None:
    """Measure the quality, diversity and novelty of a generator's icons.

    For comparison it also prints the figures of real icons (the best possible), of copied training icons and of blurred
    ones. The figures are not comparable to published FID. It takes a few minutes for 2,000 icons.
    """
    from gan.dataset import load_images, unseen  # noqa: PLC0415
    from gan.dataset.sources import is_artist  # noqa: PLC0415
    from gan.metrics import evaluate  # noqa: PLC0415  # imports torch, which takes seconds
    from gan.sampling.sampler import Sampler  # noqa: PLC0415

    begun = time.monotonic()
    sampler = Sampler.load(weights)
    training, report = load_images(data)
    for line in report.summary():
        typer.echo(line, err=True)
    source = fresh or unseen(data, 2 * count)
    others = None if source is None else load_images(source)[0]
    result = evaluate(_draw(sampler, count, raw=raw), training, others)
    result = dataclasses.replace(result, has_attributes=is_artist(data))
    compared = min(count, PATCHES_COUNT)
    large = fresh or unseen(data, 2 * compared) or data
    if len(training if others is None else others) > PATCHES_LIMIT and large in (fresh, data):
        typer.echo(f"patches are not compared: {large} has more than {PATCHES_LIMIT:,} pictures", err=True)
    else:
        result = dataclasses.replace(result, patches=_patches(sampler, large, compared))
    if note:
        _note(weights, sampler.card, json.loads(result.to_json()))
    typer.echo(result.to_json() if as_json else "\n".join(result.lines()))
    typer.echo(f"{time.monotonic() - begun:.0f} s", err=True)


def _patches(sampler: Sampler, source: str, count: int) -> dict[str, PatchFigures]:
    """Compare patches of at most `count` displayed icons with those of real pictures, and with the anchors."""
    import numpy as np  # noqa: PLC0415

    from gan.codes import IconCode  # noqa: PLC0415
    from gan.dataset import load_images  # noqa: PLC0415
    from gan.metrics.degradations import blurred  # noqa: PLC0415
    from gan.metrics.evaluation import BLUR_RADIUS  # noqa: PLC0415
    from gan.metrics.patches import Patches  # noqa: PLC0415
    from gan.rendering.drawing import draw_at  # noqa: PLC0415

    real = load_images(source, size=PATCHES_SIZE)[0]
    real = real[np.random.RandomState(0).permutation(len(real))]
    reference, floor = real[: len(real) // 2][:count], real[len(real) // 2 :][:count]
    patches = Patches(reference)
    drawn = draw_at(sampler, [IconCode.from_seed(seed) for seed in range(len(floor))], PATCHES_SIZE)
    scale = PATCHES_SIZE // 64
    return {
        "generated": patches.measure(drawn),
        "real": patches.measure(floor),
        "blurred": patches.measure(blurred(floor, scale * BLUR_RADIUS)),
    }


def _note(weights: Path, card: ModelCard, figures: dict[str, Any]) -> None:
    """Write the figures into the model card. The hash, which covers the tensors, stays."""
    from gan.atomic import write_atomically  # noqa: PLC0415

    path = weights.with_suffix(".json")
    try:
        write_atomically(path, dataclasses.replace(card, metrics=figures).to_json().encode())
    except OSError as error:
        raise MeliconError(f"cannot write {path}: {error.strerror or error}") from error


def _draw(sampler: Sampler, count: int, *, raw: bool) -> NDArray[np.uint8]:
    """Draw the icons of the seeds from 0, uint8 (count, 64, 64, 3): displayed and downscaled, or `raw`."""
    import numpy as np  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import track  # noqa: PLC0415

    from gan.codes import IconCode  # noqa: PLC0415
    from gan.rendering.upscaling import resized  # noqa: PLC0415

    blocks = [range(start, min(start + AT_ONCE, count)) for start in range(0, count, AT_ONCE)]
    shown = track(blocks, "drawing", console=Console(stderr=True), transient=True)
    drawn = []
    for block in shown:
        codes = [IconCode.from_seed(seed) for seed in block]
        if raw or sampler.plain:
            drawn += [*sampler.draw(codes)]
        else:
            drawn += [resized(icon, 64) for icon in sampler.render(codes, PATCHES_SIZE)]
    return np.stack(drawn)
