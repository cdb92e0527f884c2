"""Runs the bot or the try-it mode until a signal; turns startup errors into one-line messages."""

from __future__ import annotations

import asyncio
import errno
import gc
import hashlib
import logging
import os
import secrets
import socket
import webbrowser
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import discord
from pydantic import SecretStr

from bot import logs
from bot.app import Melicon, build_bot
from bot.settings import ENV_FILE, ConfigError, Settings, UnreachableError
from bot.system import file_modes
from bot.system.confinement import hide_memory
from bot.system.disks import disk_is_full
from bot.system.shutdown import ExitDeadline, stop_event
from gan.errors import MAY_PASS

if TYPE_CHECKING:
    from pathlib import Path

    from discord_emulator import Emulator

log = logging.getLogger(__name__)

_PORTAL = "https://discord.com/developers/applications"
# gateway close codes caused by the configuration
_CLOSE_CODES = {
    4004: f"DISCORD_TOKEN is no longer valid: copy a new one from {_PORTAL} (Bot, Reset Token).",
    4010: "SHARD_IDS and SHARD_COUNT do not match: Discord rejected the shard.",
    4011: "The bot is on too many servers for SHARD_COUNT: raise or unset it.",
}


def prepare(settings: Settings, *, quiet: bool = False) -> Path:
    """Validate the settings, hide the token from other processes and set up logging; return the log file.

    `quiet` keeps log lines off the terminal, unless LOG_LEVEL is set. Raises ConfigError.
    """
    hide_memory()
    screen_level = "WARNING" if quiet and "log_level" not in settings.model_fields_set else None
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.data_dir / f".write-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
        logs.configure(
            settings.log_level,
            settings.data_dir / "logs",
            settings.secrets,
            screen_level=screen_level,
            as_json=settings.log_format == "json",
        )
        file_modes.close_to_others(settings.data_dir)
    except OSError as error:
        if disk_is_full(error):
            raise _full(error) from None
        raise ConfigError(
            f"DATA_DIR {settings.data_dir} cannot be written to ({error.strerror}): make it writable, or name "
            "another folder by DATA_DIR."
        ) from None
    if settings.secrets:
        file_modes.warn_of_open_secrets(ENV_FILE)
    if not settings.weights.is_file():
        raise ConfigError(f"WEIGHTS {settings.weights}: there is no such file. Name a .safetensors file by WEIGHTS.")
    return settings.data_dir / "logs" / logs.FILE


async def run_bot(settings: Settings, deadline: ExitDeadline | None = None) -> None:
    """Run the bot until SIGTERM, SIGINT or SIGHUP; a signal starts the process's `deadline`.

    Raises MeliconError (ConfigError, or a store or weights error) when it cannot start.
    """
    if settings.discord_token is None:
        raise ConfigError(
            f"DISCORD_TOKEN is not set: put the bot's token from {_PORTAL} (Bot, Reset Token) into .env, "
            "or run `melicon try`, which needs none."
        )
    await _serve(settings, deadline)


async def run_try(
    settings: Settings,
    deadline: ExitDeadline | None = None,
    *,
    port: int | None,
    say: Callable[[str], None],
    open_page: bool,
) -> None:
    """Run the emulator and the bot in this process; `say` prints a line on the terminal.

    `port` None: TRY_PORT, or a free port if it is taken. Raises ConfigError if a given port is taken, and as `run_bot`.
    """
    emulator = await _start_emulator(settings, port, say)
    if emulator.notice:
        say(emulator.notice)
    # a separate folder: test data must not mix with the real bot's
    ours = settings.model_copy(
        update={
            "discord_token": SecretStr(emulator.token),
            "discord_api_url": emulator.api_url,
            "discord_gateway_url": emulator.gateway_url,
            "discord_cdn_url": emulator.cdn_url,
            "sync_commands": "always",  # the emulator forgets only the commands at exit
            "admin_guild_id": int(emulator.guild),
            "shard_ids": None,
            "shard_count": None,
            "daily_channel_id": None,
            "fediverse_token": None,  # nothing leaves this machine
            "retrain_ends_with_bot": True,  # Ctrl-C also stops training; it resumes next time
        }
    )

    async def welcome(bot: Melicon) -> None:
        try:
            if not any(message["author"].get("bot") for message in emulator.messages()):
                await bot.greet(int(emulator.channel))
        finally:
            say(emulator.page_url)
            if not emulator.notice:
                say(f"Its data is stored in {settings.data_dir}; delete that folder to start over.")
        if open_page:
            await asyncio.to_thread(_open_in_browser, emulator.page_url, settings.data_dir)

    try:
        await _serve(ours, deadline, welcome)
    finally:
        await emulator.close()


def try_settings(settings: Settings) -> Settings:
    """Return the settings of the try-it mode: no token, and a subfolder of DATA_DIR."""
    return settings.model_copy(
        update={"data_dir": settings.data_dir / "try", "database_url": None, "discord_token": None}
    )


def _open_in_browser(address: str, folder: Path) -> None:
    """Open a secret address through a file: command lines are visible to all users of the machine."""
    page = folder / "open.html"
    page.unlink(missing_ok=True)
    with os.fdopen(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={address}">')
    webbrowser.open(page.absolute().as_uri())


async def _start_emulator(settings: Settings, port: int | None, say: Callable[[str], None]) -> Emulator:
    from discord_emulator import Emulator  # noqa: PLC0415 - the bot on Discord does not need it

    given = port is not None or "try_port" in settings.model_fields_set
    wanted = settings.try_port if port is None else port
    try:
        return await Emulator.start(port=wanted, folder=settings.data_dir, draw_avatar=_avatar)
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        what = "is taken" if error.errno == errno.EADDRINUSE else "may not be used"
        if given:
            raise ConfigError(
                f"Port {wanted} {what}: choose another with --port or TRY_PORT, or 0 for any free port."
            ) from None
        say(f"Port {wanted} {what}; using another one.")
        return await Emulator.start(port=0, folder=settings.data_dir, draw_avatar=_avatar)


@lru_cache(maxsize=64)
def _avatar(name: str) -> bytes:
    """Return a user's avatar in the try-it mode, drawn by the house artist from the name."""
    from gan import artist  # noqa: PLC0415 - the bot on Discord does not need it
    from gan.rendering import encode_plain_png  # noqa: PLC0415

    return encode_plain_png(artist.draw(int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big"), 128))


async def _serve(
    settings: Settings,
    deadline: ExitDeadline | None,
    when_ready: Callable[[Melicon], Awaitable[None]] | None = None,
) -> None:
    """Start the bot and wait for its end or a signal."""
    assert settings.discord_token is not None  # noqa: S101 - for the type checker: both callers made sure
    bot = build_bot(settings)
    async with bot:
        with stop_event(deadline, settings.shutdown_grace, again=bot.hurry) as stop:
            tasks = [
                asyncio.create_task(bot.start(settings.discord_token.get_secret_value()), name="bot"),
                asyncio.create_task(stop.wait(), name="signal"),
            ]
            tasks.append(asyncio.create_task(_freeze_when_ready(bot), name="freeze"))
            if when_ready:
                tasks.append(asyncio.create_task(_after_ready(bot, when_ready), name="welcome"))
            try:
                done, _ = await asyncio.wait(tasks[:2], return_when=asyncio.FIRST_COMPLETED)
                if tasks[0] in done:
                    tasks[0].result()
                else:
                    log.info("shutdown requested")
                    await bot.close()
            except Exception as error:
                _explain(error, settings)
                raise
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    log.info("left")


async def _freeze_when_ready(bot: Melicon) -> None:
    """Freeze the objects of the startup for the garbage collector.

    With PyTorch these are 380,000 objects; a full collection stops every thread for over 150 ms.
    """
    await bot.wait_until_ready()
    gc.collect()
    gc.freeze()


async def _after_ready(bot: Melicon, when_ready: Callable[[Melicon], Awaitable[None]]) -> None:
    await bot.wait_until_ready()
    try:
        await when_ready(bot)
    except Exception:
        log.exception("could not post the welcome")


def _explain(error: Exception, settings: Settings) -> None:
    """Raise ConfigError for an error caused by the configuration or the network."""
    api = settings.discord_api_url or "Discord"
    match error:
        case discord.LoginFailure():
            raise ConfigError(
                f"DISCORD_TOKEN is not a valid bot token: copy a new one from {_PORTAL} (Bot, Reset Token)."
            ) from None
        case discord.ConnectionClosed() if error.code in _CLOSE_CODES:
            raise ConfigError(_CLOSE_CODES[error.code]) from None
        case discord.DiscordServerError() | discord.GatewayNotFound():
            log.debug("start-up failed", exc_info=error)
            raise UnreachableError(f"{api} is unavailable: {error}. Try again later.") from None
        case discord.HTTPException() if error.status == 429:
            log.debug("start-up failed", exc_info=error)
            raise UnreachableError(f"{api} is rate limiting this machine: {error}. Try again later.") from None
        case discord.HTTPException():
            log.debug("start-up failed", exc_info=error)
            raise ConfigError(f"{api} rejected the login: {error}. Is DISCORD_API_URL correct?") from None
        case aiohttp.ClientError() | TimeoutError() | ConnectionError() | socket.gaierror():
            log.debug("start-up failed", exc_info=error)
            raise UnreachableError(f"Cannot reach {api}: {error}. Is the network up?") from None
        case OSError() if disk_is_full(error):
            log.debug("start-up failed", exc_info=error)
            raise _full(error) from None
        case OSError():
            log.debug("start-up failed", exc_info=error)
            raise ConfigError(f"The bot cannot start: {error}. Is the disk full, or DATA_DIR read-only?") from None


def _full(error: OSError) -> ConfigError:
    """Return the error for a full disk, which is worth a retry."""
    refusal = ConfigError(f"The bot cannot start: {error}. Free some space on the disk of DATA_DIR.")
    refusal.exit_code = MAY_PASS
    return refusal
