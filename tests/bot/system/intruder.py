"""The confined processes as an intruder would have them: code of a stranger's runs there, and tries what it can reach.

    python -m tests.bot.system.intruder MEMORY_BYTES MOST_PIXELS    # in the place of bot.features.retrain.reader
    python -m tests.bot.system.intruder MEMORY_BYTES                # in that of bot.features.styles.checker
    python -m tests.bot.system.intruder free                        # not confined: each attempt can succeed

A file that is handed in holds, as JSON, what to try it on; the answer has the outcome of each attempt: "done", or the
error.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bot.features.styles.files import StyleProblem


def attempts(data: Path, project: Path, port: int) -> dict[str, Callable[[], object]]:
    """What an intruder would like to do: to the bot's `data`, the `project`'s folder, the network and the bot."""
    bot = os.getppid()
    return {
        "read .env": (data / ".env").read_bytes,
        "read the database": (data / "melicon.sqlite3").read_bytes,
        "list the data": lambda: os.listdir(data),  # noqa: PTH208
        "read the project": (project / "pyproject.toml").read_bytes,
        "read our code": (project / "bot" / "settings.py").read_bytes,
        "list the project": lambda: os.listdir(project),  # noqa: PTH208
        "read a file of the system": Path("/etc/hostname").read_bytes,
        "read its own environment": Path("/proc/self/environ").read_bytes,
        "read the bot's environment": Path(f"/proc/{bot}/environ").read_bytes,
        "read the bot's command line": Path(f"/proc/{bot}/cmdline").read_bytes,
        "create a file": (data / "new").touch,
        "create a folder": (data / "folder").mkdir,
        "create a link": lambda: (data / "link").symlink_to("/"),
        "append to the database": lambda: (data / "melicon.sqlite3").open("ab").close(),
        "truncate the database": lambda: os.truncate(data / "melicon.sqlite3", 0),
        "make the database everybody's": lambda: (data / "melicon.sqlite3").chmod(0o777),
        "touch the database": lambda: os.utime(data / "melicon.sqlite3"),
        "rename a style": lambda: (data / "style").rename(data / "other"),
        "delete a style": (data / "gone").unlink,
        "open a TCP connection": lambda: socket.create_connection(("127.0.0.1", port), 5).close(),
        "listen": lambda: socket.create_server(("127.0.0.1", 0)).close(),
        "send a datagram": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port)),
        "make a pair of sockets": socket.socketpair,
        "start a process": _fork,
        "signal the bot": lambda: os.kill(bot, 0),
        "have the system signal the bot": lambda: fcntl.fcntl(0, fcntl.F_SETOWN, bot),
        "ask for the bot's limits": lambda: resource.prlimit(bot, resource.RLIMIT_NOFILE),
    }


def look_at(_name: str, data: bytes, _limits: object) -> Iterator[dict[str, Any]]:
    """In place of the reader's own: try everything."""
    yield outcomes(**json.loads(data))


def check(files: Sequence[tuple[str, bytes]]) -> tuple[bytes, str]:
    """In place of the checker's own: try everything."""
    raise StyleProblem("style.import.broken", **outcomes(**json.loads(files[0][1])))


def outcomes(data: str, project: str, port: int) -> dict[str, str]:
    """Try everything; what is not refused is done, in order."""
    found = {}
    for name, attempt in attempts(Path(data), Path(project), port).items():
        try:
            attempt()
            found[name] = "done"
        except OSError as error:
            found[name] = str(error)
    return found


def _fork() -> None:
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)


if __name__ == "__main__":
    if sys.argv[1:] == ["free"]:
        print(json.dumps(outcomes(**json.loads(sys.stdin.read()))))
    elif len(sys.argv) == 3:
        from bot.features.retrain import reader

        reader.look_at = look_at
        reader.main()
    else:
        from bot.features.styles import checker

        rehearse = checker._rehearse

        def take_over() -> None:
            """Only the real check knows what it will need once it is confined."""
            rehearse()
            checker.check = check

        checker._rehearse = take_over
        checker.main()
