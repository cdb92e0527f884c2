"""Figures of a model: real and generated icons, the untrained network, the mean icon, the progress of a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gan.errors import MeliconError
from gan.figures.charts import line_chart
from gan.rendering import contact_sheet, upscale
from gan.rendering.sheets import PAPER

if TYPE_CHECKING:
    from collections.abc import Mapping

Icons = NDArray[np.uint8]  # (N, 64, 64, 3), RGB
Figure = NDArray[np.uint8]  # (height, width, 3), RGB

SIDE = 128  # of an icon in a figure
GAP = 8


def compare_figure(real: Icons, generated: Icons, columns: int = 5) -> Figure:
    """Put `columns` real icons above as many generated ones."""
    rows = [*real[:columns], *generated[:columns]]
    return contact_sheet([upscale(icon, SIDE) for icon in rows], columns, GAP)


def nearest_figure(generated: Icons, training: Icons) -> Figure:
    """Put the nearest training icon below each generated icon, to reveal copies.

    Similarity is measured by random convolutions, which suit any drawing style (`gan.metrics`).
    """
    from gan.metrics.distances import squared_distances  # noqa: PLC0415
    from gan.metrics.random_features import random_features  # noqa: PLC0415  # imports torch

    distances = squared_distances(random_features(generated, 0), random_features(training, 0))
    return compare_figure(generated, training[distances.argmin(axis=1)], len(generated))


def untrained_figure(architecture: Mapping[str, Any], seed: int = 0, count: int = 10) -> Figure:
    """Draw icons of an untrained network.

    As in training, BatchNorm uses batch statistics. Raises `gan.checkpoint.weights.WeightsError` for an unknown
    architecture.
    """
    import torch  # noqa: PLC0415  # takes seconds

    from gan.checkpoint.weights import build_generator  # noqa: PLC0415  # imports torch
    from gan.sampling.sampler import to_8_bits  # noqa: PLC0415  # imports torch

    with torch.random.fork_rng(devices=[]), torch.inference_mode():
        torch.manual_seed(seed)
        generator = build_generator(architecture).double()
        latents = np.random.RandomState(seed).standard_normal((max(16, count), int(architecture["z_dim"])))
        pictures = generator(torch.from_numpy(latents))[:count].permute(0, 2, 3, 1).numpy()
    return contact_sheet([upscale(icon, SIDE) for icon in to_8_bits(pictures)], 5, GAP)


def mean_figure(real: Icons, side: int = 256) -> Figure:
    """Draw the average of all pictures."""
    mean = real.mean(axis=0, dtype=np.float64)
    return upscale(np.floor(mean + 0.5).astype(np.uint8), side)


def progress_figure(run: Path, *, rows: int = 8, columns: int = 10) -> Figure:
    """Draw the progress of a run: the same icons at different times, above its curves.

    At most `rows` sample sheets of RUN/samples, evenly spaced, `columns` icons of each; curves of RUN/stats.jsonl.
    Raises MeliconError where the run has neither.
    """
    parts = []
    if sheets := _spread(sorted(run.glob("samples/*.png")), rows):
        icons = [icon for sheet in sheets for icon in _first_row(sheet, columns)]
        labels = [
            f"{int(sheet.stem):,} kimg" if column == 0 and sheet.stem.isdigit() else ""
            for sheet in sheets
            for column in range(len(icons) // len(sheets))
        ]
        parts.append(contact_sheet(icons, len(icons) // len(sheets), 4, labels))
    stats = read_stats(run / "stats.jsonl")
    if len(stats) > 1:
        width = max(640, parts[0].shape[1] if parts else 0)
        x = [record["kimg"] for record in stats]
        other = {"kimg", "seconds", "images_per_s"}
        losses = dict.fromkeys(key for record in stats for key in record if key not in other)
        for title, names in (("Losses", list(losses)), ("Images a second", ["images_per_s"])):
            lines = {name: [record.get(name, np.nan) for record in stats] for name in names}
            if any(np.isfinite(values).any() for values in lines.values()):
                parts.append(line_chart(x, lines, title=title, x_label="kimg", width=width))
    if not parts:
        raise MeliconError(f"{run} has no samples and no stats.jsonl yet: is it the folder of a training run?")
    return _stack(parts)


def read_stats(path: Path) -> list[dict[str, float]]:
    """Read the records of a stats.jsonl, in order; invalid lines are skipped. No file: no records."""
    if not path.exists():
        return []
    records = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue  # truncated by a kill
        if isinstance(record, dict) and _is_number(record.get("kimg")):
            records.append({key: float(value) for key, value in record.items() if _is_number(value)})
    return records


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _spread(paths: list[Path], most: int) -> list[Path]:
    """Return at most `most` of `paths`, evenly spaced, including the first and the last."""
    if len(paths) <= most:
        return paths
    return [paths[round(i * (len(paths) - 1) / (most - 1))] for i in range(most)]


def _first_row(sheet: Path, columns: int) -> list[NDArray[np.uint8]]:
    """Cut the first icons from a sheet of 8 columns without gaps."""
    try:
        with Image.open(sheet) as image:
            pixels = np.asarray(image.convert("RGB"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise MeliconError(f"cannot read the sample sheet {sheet}: {error}") from error
    across = pixels.shape[1] // 64
    corners = [(i // across * 64, i % across * 64) for i in range(min(columns, pixels.shape[0] // 64 * across))]
    if not corners:
        raise MeliconError(f"{sheet} is smaller than one icon: it is no sample sheet")
    return [pixels[y : y + 64, x : x + 64] for y, x in corners]


def _stack(parts: list[Figure]) -> Figure:
    """Stack figures vertically on white, aligned left."""
    width = max(part.shape[1] for part in parts)
    figure = np.full((sum(len(part) for part in parts), width, 3), PAPER, dtype=np.uint8)
    top = 0
    for part in parts:
        figure[top : top + len(part), : part.shape[1]] = part
        top += len(part)
    return figure
