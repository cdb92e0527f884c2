"""Command line of the model: ``python -m gan``. ``melicon`` adds the bot's commands.

Heavy imports happen inside the commands, so that ``--help`` is fast.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Annotated

import typer

from gan.cli.artist import artist_command
from gan.cli.code import code_command
from gan.cli.draw import draw_command, sheet_command
from gan.cli.evaluate import evaluate_command
from gan.cli.figure import figure_command
from gan.cli.train import train_command

# Read by OpenMP when torch is first imported. By default, waiting threads spin; once another program competes for a
# core, this makes a training step eight times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

app = typer.Typer(
    help="Train, measure and draw: the model without the bot.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("draw")(draw_command)
app.command("sheet")(sheet_command)
app.command("artist")(artist_command)
app.command("train")(train_command)
app.command("evaluate")(evaluate_command)
app.command("figure")(figure_command)
app.command("code")(code_command)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415

        typer.echo(f"melicon {version('melicon')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
]


@app.callback()
def options(version: Version = False) -> None:
    """Train, measure and draw: the model without the bot."""


def run(application: typer.Typer) -> None:
    """Run a command line; expected errors are one line on standard error without a traceback."""
    from gan.errors import MeliconError  # noqa: PLC0415

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a Windows console may be unable to encode a name
            stream.reconfigure(errors="backslashreplace")
    try:
        application()
    except MeliconError as error:
        for line in str(error).splitlines():
            typer.echo(f"melicon: {line}", err=True)
        sys.exit(error.exit_code)


def main() -> None:
    """Entry point of ``python -m gan``."""
    run(app)


if __name__ == "__main__":
    main()
