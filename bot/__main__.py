"""The command line: `melicon` and `python -m bot`. The model's own commands come from `gan.__main__`.

Heavy modules are imported inside the commands to keep `--help` fast.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gan.__main__ import Version
from gan.__main__ import app as gan_app
from gan.__main__ import run as run_command_line

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.system.shutdown import ExitDeadline

app = typer.Typer(
    help="Melicon draws new avatar icons with a GAN.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,  # local variables may hold a token
    context_settings={"help_option_names": ["-h", "--help"]},
)

Port = Annotated[
    int | None,
    typer.Option(
        min=0, max=65535, show_default="TRY_PORT, or a free port", help="Port of the page; 0 for any free port."
    ),
]
OpenPage = Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")]


@app.callback()
def options(version: Version = False) -> None:
    """Melicon draws new avatar icons with a GAN."""


@app.command("try")
def try_(port: Port = None, open_page: OpenPage = False) -> None:
    """Try the bot in the browser with a local Discord emulator; no token needed."""
    _try(port, open_page=open_page)


@app.command()
def bot() -> None:
    """Run the bot on Discord; reads DISCORD_TOKEN from .env or the environment."""
    _bot()


@app.command()
def health() -> None:
    """Check the running bot that uses this DATA_DIR; exit code 0 if it is ready, 1 if not."""
    import time  # noqa: PLC0415

    from bot.operations.health import health_file, read  # noqa: PLC0415
    from bot.settings import load_settings  # noqa: PLC0415

    found = read(health_file(load_settings()))
    problem = "the bot is not running" if found is None else found.problem(time.time())
    typer.echo(problem or "ready")
    if problem:
        raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any free one.")] = 8080,
    *,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="Take a client's address from X-Forwarded-For.")
    ] = False,
) -> None:
    """Serve icons by URL: /icon/naru.png, /avatar/HASH."""
    import asyncio  # noqa: PLC0415

    from bot.web.serve import run_server  # noqa: PLC0415

    asyncio.run(run_server(_settings(), host, port, behind_proxy=behind_proxy, say=typer.echo))


@app.command()
def fediverse() -> None:
    """Run the bot on a Mastodon-compatible server; FEDIVERSE_URL and FEDIVERSE_TOKEN in .env or the environment."""
    from bot.fediverse.standalone import run_fediverse  # noqa: PLC0415

    settings = _settings()
    _until_signal(settings, lambda deadline: run_fediverse(settings, deadline))


@app.command()
def run(port: Port = None, open_page: OpenPage = False) -> None:
    """Run the bot on Discord if DISCORD_TOKEN is set, else in try-it mode."""
    from bot.settings import load_settings  # noqa: PLC0415

    if load_settings().discord_token is not None:
        _bot()
    else:
        _try(port, open_page=open_page)


def _bot() -> None:
    from bot import run  # noqa: PLC0415

    settings = _settings()
    _until_signal(settings, lambda deadline: run.run_bot(settings, deadline))


def _try(port: int | None, *, open_page: bool) -> None:
    from rich.console import Console  # noqa: PLC0415

    from bot import run  # noqa: PLC0415

    console = Console(highlight=False)

    def say(line: str) -> None:
        if line.startswith("http"):
            line = f"\n  Open [bold link={line}]{line}[/] and type [bold]/melicon[/].  Press Ctrl-C to stop.\n"
        console.print(line, soft_wrap=True)

    settings = run.try_settings(_settings())
    _until_signal(
        settings,
        lambda deadline: run.run_try(settings, deadline, port=port, say=say, open_page=open_page),
        quiet=True,
    )


def _settings() -> Settings:
    """Read the settings; files created from now on are closed to other users."""
    from bot.settings import load_settings  # noqa: PLC0415
    from bot.system import file_modes  # noqa: PLC0415

    file_modes.write_privately()
    return load_settings()


def _until_signal(
    settings: Settings, main: Callable[[ExitDeadline], Coroutine[Any, Any, None]], *, quiet: bool = False
) -> None:
    """Set up logging and run `main` to its end; `quiet` keeps log lines off the terminal."""
    from bot import logs, run  # noqa: PLC0415
    from bot.system import shutdown  # noqa: PLC0415

    with logs.fatal_errors():
        deadline = shutdown.ExitDeadline(run.prepare(settings, quiet=quiet))
        shutdown.run(main(deadline), deadline)


app.registered_commands.extend(gan_app.registered_commands)


def main() -> None:
    """Entry point of `melicon` and `python -m bot`."""
    run_command_line(app)


if __name__ == "__main__":
    main()
