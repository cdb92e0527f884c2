"""A run's progress: a bar for a person, a JSON object a line for a program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from gan.training import Progress

STEPS = 100_000  # of the bar


def show_json(progress: Iterator[Progress], folder: Path) -> None:
    """Print every tenth step and each save as one JSON object a line on standard output."""
    for i, p in enumerate(progress):
        if p.event != "step" or i % 10 == 0:
            typer.echo(json.dumps({**asdict(p), "run": str(folder)}))


def show_rich(progress: Iterator[Progress], folder: Path) -> None:
    """Show a live bar: kimg, pictures a second, losses, time left."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.fields[kimg]:.1f} kimg"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]:.0f} images/s"),
        TextColumn("[dim]{task.fields[losses]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Bar(*columns, console=console) as bar:
        task = None
        for p in progress:
            shown = {name: p.losses[name] for name in ("d_loss", "g_loss") if name in p.losses} or p.losses
            losses = " ".join(f"{name} {value:.2f}" for name, value in shown.items())
            done = round(p.share * STEPS)
            if task is None:  # a resumed run begins where it was: the time left must not count that as done just now
                task = bar.add_task("", total=STEPS, completed=done, kimg=p.kimg, rate=p.images_per_s, losses=losses)
            bar.update(task, completed=done, kimg=p.kimg, rate=p.images_per_s, losses=losses)
            if p.event == "saved":
                bar.console.print(f"[dim]saved at {p.kimg:.1f} kimg[/]")
    said = {
        "done": f"Done. To see what it draws: melicon sheet --weights {folder}/generator.safetensors --out sheet.png",
        "stopped": f"Stopped and saved. To go on: melicon train --resume --out {folder}",
    }
    console.print(said[p.event], highlight=False, markup=False, soft_wrap=True)
