"""`melicon train`: train a generator on pictures."""

from __future__ import annotations

import math
import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gan.training import RunFolder, TrainingOptions
    from gan.training.session import Session
    from gan.training.start_choice import StartChoice

Data = Annotated[
    str | None,
    typer.Argument(
        metavar="DATA",
        help="A folder or zip of pictures of any size and format, or artist:N for N icons of the house artist."
        " Not needed with --resume: a run keeps its pictures.",
    ),
]
Out = Annotated[Path, typer.Option("--out", help="Folder of the run: checkpoints, samples, the generator.")]
Preset = Annotated[
    str | None,
    typer.Option(
        show_default="fast",
        help="Recipe: fast (ours), article (the original's; slow, prone to mode collapse) or house (for artist:N).",
    ),
]
Minutes = Annotated[
    float | None, typer.Option(min=0.01, help="Training time in minutes, over all sessions of the run.")
]
Kimg = Annotated[float | None, typer.Option(min=0.001, help="Training length in thousands of pictures.")]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        show_default="auto for pictures, scratch for artist:N",
        help="Initial weights: scratch, default (the shipped ones), a .safetensors file, or auto: measure whether the"
        " shipped weights can draw similar pictures.",
    ),
]
Style = Annotated[
    str | None,
    typer.Option(show_default="DATA's name", help="Name of the style, as used in icon codes and the bot."),
]
Seed = Annotated[
    int | None, typer.Option(min=0, max=2**32 - 1, show_default="0", help="Seed of initial weights and training.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Resume the run in --out exactly where it stopped.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Check DATA, time a few steps, predict the progress; write nothing.")
]
Threads = Annotated[int | None, typer.Option(min=1, help="CPU threads; all cores by default.")]
Device = Annotated[
    str,
    typer.Option(help="Where to train: auto (a GPU if there is one), cpu, cuda or mps. Icons are drawn on the CPU."),
]
Processes = Annotated[
    int,
    typer.Option(min=1, max=64, help="Data-parallel processes; they share the batch and the threads."),
]
SaveEvery = Annotated[float, typer.Option(min=1, help="Seconds between checkpoints, each with a sample sheet.")]
Batch = Annotated[int | None, typer.Option(min=2, max=1024, show_default="the preset's", help="Batch size.")]
Width = Annotated[
    float | None,
    typer.Option(
        min=0.125,
        max=2.0,
        show_default="0.5 for fast, 1 for the others",
        help="Channels relative to the largest preset: fewer train faster and draw coarser icons.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line instead of a progress bar.")]


def train_command(
    out: Out,
    data: Data = None,
    *,
    preset: Preset = None,
    minutes: Minutes = None,
    kimg: Kimg = None,
    from_: From = None,
    style: Style = None,
    seed: Seed = None,
    resume: Resume = False,
    dry_run: DryRun = False,
    threads: Threads = None,
    processes: Processes = 1,
    device: Device = "auto",
    save_every: SaveEvery = 180.0,
    batch: Batch = None,
    width: Width = None,
    as_json: Json = False,
) -> None:
    """Train a generator on pictures.

    Without --minutes or --kimg a run lasts 15 minutes. Ctrl-C saves and stops; --resume continues. Under torchrun, all
    processes train together.
    """
    from gan.cli.options import says_new_folder  # noqa: PLC0415
    from gan.errors import MeliconError  # noqa: PLC0415
    from gan.training import RunFolder, Session  # noqa: PLC0415
    from gan.training.device import choose_device  # noqa: PLC0415
    from gan.training.launcher import global_rank, world_size  # noqa: PLC0415
    from gan.training.worker import follow  # noqa: PLC0415

    if global_rank() > 0:
        follow()
        return
    _check_numbers(minutes, kimg, save_every)
    if world_size() and processes > 1:
        raise MeliconError("torchrun says how many processes there are: leave --processes out")
    if threads is not None:
        import torch  # noqa: PLC0415

        torch.set_num_threads(threads)
    if resume:
        if dry_run:
            raise MeliconError("--dry-run forecasts a new run: leave --resume out")
        _check_same(RunFolder(out), data, style, from_, preset=preset, seed=seed, batch=batch, width=width)
        session = Session.resume(out, minutes=minutes, kimg=kimg, device=choose_device(device, processes))
    elif data is None:
        raise MeliconError("say what to learn from: melicon train DATA --out RUN, DATA a folder, a zip or artist:N")
    else:
        start = from_ or _usual_start(data, preset, width)
        pretrained = None if start == "scratch" else start
        given = {"seed": seed, "batch": batch, "width": width}
        options = _options(preset or "fast", pretrained=None, **given)
        source = data if data.startswith("artist:") else Path(data)
        begin = Session.prepare if dry_run else Session.start
        with says_new_folder(out), _looking(data) as progress:
            session, report = begin(
                out,
                source,
                options,
                style=style if style is not None else _style_name(data),
                minutes=minutes,
                kimg=kimg,
                begin="default" if start == "auto" else pretrained,
                choose=start == "auto",
                continuing=_options(preset or "fast", pretrained=pretrained, **given),
                progress=progress,
                device=choose_device(device, processes),
            )
        if session.choice is not None:
            typer.echo(_choice_line(session.choice), err=True)
        for line in report.summary():
            typer.echo(line, err=True)
    if dry_run:
        from gan.cli.dry_run import show_forecast  # noqa: PLC0415

        show_forecast(session, as_json=as_json)
    else:
        _run(session, save_every, processes, as_json=as_json)


def _check_numbers(*numbers: float | None) -> None:
    from gan.errors import MeliconError  # noqa: PLC0415

    if not all(math.isfinite(number) for number in numbers if number is not None):
        raise MeliconError("--minutes, --kimg and --save-every take numbers, not nan or inf")


def _usual_start(data: str, preset: str | None, width: float | None) -> str:
    """Return the initial weights where none are named."""
    return "auto" if preset in {None, "fast"} and width is None and not data.startswith("artist:") else "scratch"


def _choice_line(choice: StartChoice) -> str:
    found = f"at {choice.distance:.2f} times the distance between the pictures"
    if choice.pretrained:
        return f"starting from the shipped weights, which draw similar pictures ({found})"
    return f"starting from scratch, as the shipped weights draw no similar pictures ({found})"


def _options(preset: str, *, pretrained: str | None, **changes: float | None) -> TrainingOptions:
    from gan.errors import MeliconError  # noqa: PLC0415
    from gan.training import CONTINUING, PRESETS  # noqa: PLC0415

    if preset not in PRESETS:
        raise MeliconError(f"no preset {preset!r}: choose from {', '.join(PRESETS)}")
    if pretrained is not None and changes.get("width") is not None:
        raise MeliconError("--from keeps the width of the weights: leave --width out")
    given: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
    recipe = CONTINUING if pretrained is not None and preset == CONTINUING.preset else PRESETS[preset]
    return replace(recipe, **given)


def _check_same(run: RunFolder, data: str | None, style: str | None, begin: str | None, **given: object) -> None:
    """Raise MeliconError when options contradict the run to be resumed, so that none is silently ignored."""
    from gan.errors import MeliconError  # noqa: PLC0415

    options, card, _ = run.read()
    there = {name: getattr(options, name) for name in given} | {"style": card.style}
    for name, value in (given | {"style": style}).items():
        if value is not None and value != there[name]:
            raise MeliconError(
                f"the run in {run.path} was begun with --{name} {there[name]}: leave --{name} out to go on with it,"
                " or begin another run"
            )
    if begin is not None:
        raise MeliconError("--from begins a run, --resume goes on with one: leave one of them out")
    learned_from = card.dataset.get("source")
    if data is not None and learned_from not in (data, str(Path(data))):
        raise MeliconError(f"the run in {run.path} learns from {learned_from}: leave {data} out to go on with it")


def _style_name(data: str) -> str:
    import re  # noqa: PLC0415

    from gan.dataset.sources import artist_style  # noqa: PLC0415

    stem = artist_style(data) or Path(data).stem
    return re.sub(r"[^a-z0-9_-]+", "-", stem.lower()).strip("-_")[:32] or "style"


@contextmanager
def _looking(data: str) -> Iterator[Callable[[int], None]]:
    """Show how many pictures have been read."""
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415

    with Console(stderr=True).status(f"looking at {escape(data)}") as status:
        yield lambda count: status.update(f"looking at {escape(data)}: {count:,} pictures")


def _run(session: Session, save_every: float, processes: int, *, as_json: bool) -> None:
    """Show the progress; the first Ctrl-C, SIGTERM or SIGHUP saves and stops, a second one stops at once."""
    from gan.cli.progress import show_json, show_rich  # noqa: PLC0415
    from gan.process_priority import stop_signals  # noqa: PLC0415

    stopping = False

    terminal = [stream for stream in (sys.stdout, sys.stderr) if stream.isatty()]

    def stop(signum: int, _frame: object) -> None:
        nonlocal stopping
        if signum not in {signal.SIGINT, signal.SIGTERM}:  # the terminal is gone: further output must not fail
            for stream in terminal:
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        elif stopping:
            signal.signal(signum, signal.SIG_DFL)
            signal.raise_signal(signum)
        stopping = True

    before = {s: signal.signal(s, stop) for s in stop_signals()}
    try:
        progress = session.train(save_every=save_every, should_stop=lambda: stopping, processes=processes)
        (show_json if as_json or not sys.stderr.isatty() else show_rich)(progress, session.run.path)
    finally:
        for s, handler in before.items():
            signal.signal(s, handler)
