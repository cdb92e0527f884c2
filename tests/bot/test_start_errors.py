"""What keeps the bot from starting is said in one line; what may pass by itself ends with another exit code."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.run import _explain
from bot.settings import ConfigError, Settings
from gan.errors import MAY_PASS


def answered(status: int, kind: type[discord.HTTPException] = discord.HTTPException) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="so it is")
    return kind(response, "no")


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (discord.LoginFailure("no"), 2, "DISCORD_TOKEN is not a valid bot token"),
        (answered(404), 2, "Is DISCORD_API_URL correct"),
        (answered(429), MAY_PASS, "is rate limiting this machine"),
        (answered(503, discord.DiscordServerError), MAY_PASS, "is unavailable"),
        (aiohttp.ClientConnectionError("no route"), MAY_PASS, "no route. Is the network up"),
        (TimeoutError("late"), MAY_PASS, "Cannot reach"),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), MAY_PASS, "No space left on device. Free some space"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), MAY_PASS, "Free some space"),
        (OSError(errno.EIO, os.strerror(errno.EIO)), 2, "Is the disk full"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES), "data/styles"), 2, "data/styles"),
    ],
)
def test_what_keeps_the_bot_from_starting_is_explained(error: Exception, code: int, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _explain(error, Settings(_env_file=None, data_dir=tmp_path))
    assert caught.value.exit_code == code
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bug_is_not_explained_away() -> None:
    _explain(ZeroDivisionError("a bug"), Settings(_env_file=None))
