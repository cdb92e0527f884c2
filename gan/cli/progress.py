"""Progress of a run: a bar for people, JSON lines for programs."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    """Show a live bar: pictures seen, speed, losses, time left; then suggest the next command."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.fields[seen]:,.0f} pictures seen"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]:.0f} a second"),
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
            fields: dict[str, Any] = {"seen": 1000 * p.kimg, "rate": p.images_per_s, "losses": losses}
            if task is None:  # start a resumed run at its progress, or the time left would be wrong
                task = bar.add_task("", total=STEPS, completed=done, **fields)
            bar.update(task, completed=done, **fields)
            if p.event == "saved":
                bar.console.print(f"[dim]saved after {1000 * p.kimg:,.0f} pictures[/]")
    run = shlex.quote(str(folder))
    said, command = {
        "done": ("Done. To see what it draws:", f"melicon sheet --weights {run}/generator.safetensors --out sheet.png"),
        "stopped": ("Stopped and saved. To go on:", f"melicon train --resume --out {run}"),
    }[p.event]
    console.print(said, highlight=False)
    # on a line of its own, so that it can be copied even when the terminal wraps it
    console.print(command, highlight=False, markup=False, soft_wrap=True)
