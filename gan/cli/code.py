"""The command ``code``: which icon a file shows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LARGEST = 64 * 2**20  # bytes; an icon of 2,048 pixels has at most 12 MiB
_WITHOUT = "no icon code; a copy that was saved again has lost it: use the file that Melicon wrote"

Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help="PNG files written by Melicon.")]


def code_command(files: Files) -> None:
    """Print the icon code that is stored in each PNG file, one a line.

    With several files, each line begins with the file. The exit code is 1 if a file has no icon code.
    """
    from gan.dataset import printable  # noqa: PLC0415
    from gan.rendering import read_code  # noqa: PLC0415

    missing = False
    for path in files:
        name, problem, code = printable(str(path)), "", None
        try:
            with path.open("rb") as file:
                code = read_code(file.read(LARGEST))
        except OSError as error:
            problem = error.strerror or type(error).__name__
        if code is None:
            missing = True
            typer.echo(f"{name}: {problem or _WITHOUT}", err=True)
        else:
            typer.echo(code if len(files) == 1 else f"{name}: {code}")
    if missing:
        raise typer.Exit(1)
