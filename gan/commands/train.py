"""`melicon train`: from pictures to a generator."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gan.training import TrainingOptions
    from gan.training.session import Session

Data = Annotated[
    str | None,
    typer.Argument(
        metavar="DATA",
        help="A folder or zip of pictures of any size and kind, or artist:N for N icons of the house artist."
        " Not needed with --resume: a run keeps its pictures.",
    ),
]
Out = Annotated[Path, typer.Option("--out", help="Folder of the run: checkpoints, samples, the generator.")]
Preset = Annotated[str, typer.Option(help="Recipe: fast (ours) or article (the original's, slow and it collapses).")]
Minutes = Annotated[float | None, typer.Option(min=0.01, help="Train for so many minutes.")]
Kimg = Annotated[float | None, typer.Option(min=0.001, help="Train until so many thousand pictures were shown.")]
From = Annotated[
    str | None,
    typer.Option("--from", help="Begin with learned weights: a .safetensors file, or default for the shipped ones."),
]
Style = Annotated[str, typer.Option(help="Name of the style, as it appears in icon codes and in the chat.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Of the first weights and all dice.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run in --out as if it had never stopped.")]
Threads = Annotated[int | None, typer.Option(min=1, help="Processor threads to use; all cores if not said.")]
SaveEvery = Annotated[float, typer.Option(min=1, help="Seconds between checkpoints, with a sample sheet each.")]
Batch = Annotated[int | None, typer.Option(min=2, max=1024, help="Pictures a step; the preset's if not said.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line instead of a progress bar.")]


def train_command(
    out: Out,
    data: Data = None,
    *,
    preset: Preset = "fast",
    minutes: Minutes = None,
    kimg: Kimg = None,
    from_: From = None,
    style: Style = "",
    seed: Seed = 0,
    resume: Resume = False,
    threads: Threads = None,
    save_every: SaveEvery = 180.0,
    batch: Batch = None,
    as_json: Json = False,
) -> None:
    """Learn a hand from pictures.

    Without --minutes or --kimg a run lasts 15 minutes. Ctrl-C saves first; --resume goes on from there.
    """
    from gan.errors import MeliconError  # noqa: PLC0415
    from gan.training.session import Session  # noqa: PLC0415

    if threads is not None:
        import torch  # noqa: PLC0415

        torch.set_num_threads(threads)
    if resume:
        session = Session.resume(out, minutes=minutes, kimg=kimg)
    elif data is None:
        raise MeliconError("say what to learn from: melicon train DATA --out RUN, DATA a folder, a zip or artist:N")
    else:
        options = _options(preset, seed, batch)
        source = data if data.startswith("artist:") else Path(data)
        name = style or _style_name(data)
        session, report = Session.start(out, source, options, style=name, minutes=minutes, kimg=kimg, begin=from_)
        for line in report.summary():
            typer.echo(line, err=True)
    _run(session, save_every, as_json=as_json)


def _options(preset: str, seed: int, batch: int | None) -> TrainingOptions:
    from gan.errors import MeliconError  # noqa: PLC0415
    from gan.training import PRESETS  # noqa: PLC0415

    if preset not in PRESETS:
        raise MeliconError(f"no preset {preset!r}: choose from {', '.join(PRESETS)}")
    options = replace(PRESETS[preset], seed=seed)
    return options if batch is None else replace(options, batch=batch)


def _style_name(data: str) -> str:
    import re  # noqa: PLC0415

    stem = "house" if data.startswith("artist:") else Path(data).stem
    return re.sub(r"[^a-z0-9_-]+", "-", stem.lower()).strip("-_")[:32] or "style"


def _run(session: Session, save_every: float, *, as_json: bool) -> None:
    """Show the progress; the first Ctrl-C or SIGTERM saves and ends the run, a second one ends it at once."""
    from gan.commands.progress import show_json, show_rich  # noqa: PLC0415

    stopping = False

    def stop(signum: int, _frame: object) -> None:
        nonlocal stopping
        if stopping:
            signal.signal(signum, signal.SIG_DFL)
            signal.raise_signal(signum)
        stopping = True

    before = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        progress = session.train(save_every=save_every, should_stop=lambda: stopping)
        (show_json if as_json or not sys.stderr.isatty() else show_rich)(progress, session.run.path)
    finally:
        for s, handler in before.items():
            signal.signal(s, handler)
