"""`melicon artist`: icons drawn by the house artist, with their labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gan.cli.options import says_new_folder

Count = Annotated[int, typer.Option(min=1, max=10_000_000, help="Number of icons.")]
Start = Annotated[int, typer.Option(min=0, help="Index of the first icon; every index is another character.")]
Size = Annotated[int, typer.Option(min=16, max=2048, help="Side of the pictures, in pixels.")]
Out = Annotated[Path, typer.Option("--out", help="Folder for the PNG files and labels.jsonl.")]
DrawingStyle = Annotated[str, typer.Option(help="Drawing style: house, inkling or plush.")]
Hand = Annotated[str | None, typer.Option("--hand", hidden=True, help="Former name of --style.")]


def artist_command(
    out: Out,
    *,
    count: Count = 128,
    start: Start = 0,
    size: Size = 64,
    style: DrawingStyle = "house",
    hand: Hand = None,
) -> None:
    """Draw icons by the house artist, on whose drawings the default weights were trained."""
    from gan import artist  # noqa: PLC0415
    from gan.errors import MeliconError  # noqa: PLC0415

    try:
        with says_new_folder(out):
            style = hand or style
            written = artist.write_icons(out, count, start, size, style=style, workers=None if count >= 500 else 1)
    except OSError as error:
        raise MeliconError(f"cannot draw into {out}: {error.strerror or error}") from error
    except ValueError as error:
        raise MeliconError(str(error)) from error
    typer.echo(f"{len(written)} {'icon' if len(written) == 1 else 'icons'} and labels.jsonl in {out}")
