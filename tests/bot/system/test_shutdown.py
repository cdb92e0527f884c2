"""The process ends when it is to end, whatever hangs: each case is a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.system.shutdown import CLOSING, serving_time, whole_time
from bot.system.subprocesses import ROOT

ENOUGH = 120  # seconds; each takes about one on an idle machine, and for ever where nothing ends it
HEAD = """
import asyncio, contextlib, ctypes, logging, sys, threading, time
from pathlib import Path
from bot import logs
from bot.system import shutdown
from gan.errors import MeliconError
folder = Path(sys.argv[1])
logs.configure("INFO", folder, [])
shutdown._ENDING = shutdown._BACKSTOP = 0.3
shutdown.CLOSING = 60
deadline = shutdown.ExitDeadline(folder / logs.FILE)

async def stubborn():
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)

async def served(seconds):
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    def ask():
        deadline.start(seconds)
        loop.call_soon_threadsafe(stop.set)
    with shutdown.stop_signals(ask):
        print("ready", flush=True)
        await stop.wait()
"""
TAIL = """
with logs.fatal_errors():
    shutdown.run(main(), deadline)
"""


def start(folder: Path, body: str) -> subprocess.Popen[str]:
    """Run a script whose `main` stands for the bot."""
    return subprocess.Popen(
        [sys.executable, "-c", HEAD + body + TAIL, str(folder)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def end(process: subprocess.Popen[str], folder: Path) -> tuple[int, str]:
    """Return the exit code and what is in the log."""
    try:
        _, told = process.communicate(timeout=ENOUGH)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    written = (folder / "melicon.log").read_text("utf-8")
    assert process.returncode >= 0, told
    return process.returncode, written


def ask_to_leave(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    process.send_signal(signal.SIGTERM)


@pytest.mark.parametrize(
    ("what", "hangs"),
    [
        ("task stubborn", "asyncio.create_task(stubborn(), name='stubborn')"),
        ("thread work", "asyncio.create_task(asyncio.to_thread(time.sleep, 3600))"),
        ("thread database", "threading.Thread(target=time.sleep, args=(3600,), name='database').start()"),
    ],
)
def test_what_does_not_end_is_named_and_left_behind(what: str, hangs: str, tmp_path: Path) -> None:
    body = f"async def main():\n    {hangs}\n    await asyncio.sleep(0)\n    await served(60)\n"
    process = start(tmp_path, body)
    ask_to_leave(process)
    code, written = end(process, tmp_path)
    assert code == 0
    assert f"still running at exit: {what}" in written


@pytest.mark.parametrize(
    "blocks",
    [
        "time.sleep(3600)",
        "while True: pass",
    ],
)
def test_a_callback_that_keeps_the_loop_busy_does_not_keep_the_process(blocks: str, tmp_path: Path) -> None:
    body = f"def block():\n    {blocks}\n"
    body += "async def main():\n    asyncio.get_running_loop().call_soon(block)\n    await served(0.3)\n"
    process = start(tmp_path, body)
    ask_to_leave(process)
    code, written = end(process, tmp_path)
    assert code == 1
    assert "in block" in written, "the stack says where it hung"


def test_native_code_that_keeps_the_interpreter_while_the_bot_closes_is_ended_too(tmp_path: Path) -> None:
    body = "def close():\n    ctypes.PyDLL(None).sleep(3600)\nasync def main():\n    await served(0.3)\n    close()\n"
    process = start(tmp_path, body)
    ask_to_leave(process)
    code, written = end(process, tmp_path)
    assert code == 1
    assert "in close" in written


def test_what_ends_by_an_error_keeps_its_exit_code_and_is_in_the_log(tmp_path: Path) -> None:
    body = "async def main():\n    error = MeliconError('the database is away')\n    error.exit_code = 75\n"
    body += "    raise error\n"
    code, written = end(start(tmp_path, body), tmp_path)
    assert code == 1, "the command line would make 75 of it"
    assert "ends: the database is away" in written
    hangs = "    shutdown.CLOSING = 1\n    threading.Thread(target=time.sleep, args=(3600,)).start()\n"
    code, _ = end(start(tmp_path, body.replace("    error =", hangs + "    error =", 1)), tmp_path)
    assert code == 75


def test_an_unexpected_error_is_in_the_log_with_its_traceback(tmp_path: Path) -> None:
    code, written = end(start(tmp_path, "async def main():\n    {}['shard']\n"), tmp_path)
    assert code == 1
    assert "CRITICAL" in written
    assert "KeyError: 'shard'" in written


def test_the_end_of_a_thread_by_an_error_is_in_the_log(tmp_path: Path) -> None:
    body = (
        "async def main():\n    t = threading.Thread(target=lambda: 1 / 0, name='beat')\n    t.start()\n    t.join()\n"
    )
    code, written = end(start(tmp_path, body), tmp_path)
    assert code == 0
    assert "the thread beat" in written
    assert "ZeroDivisionError" in written


def test_serving_and_closing_take_no_longer_than_the_grace() -> None:
    assert serving_time(20) + CLOSING == whole_time(20) == 20
    assert (serving_time(2), serving_time(0)) == (1.5, 0)
    assert whole_time(0) == CLOSING, "time to close the database"
