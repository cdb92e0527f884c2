"""Ends the process reliably, even if something hangs.

Three mechanisms, each covering failures of the previous one:

    end_everything     in the event loop: cancels all tasks, waits briefly, and logs those that do not end
    ExitDeadline       a thread: after the deadline, logs what hangs and ends the process
    faulthandler       a C thread without Python: for native code that never releases the GIL

A thread also receives SIGTERM, SIGINT and SIGHUP, so that they work while a callback blocks the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

from gan.errors import MeliconError
from gan.process_priority import stop_signals as wanted_signals

log = logging.getLogger(__name__)

CLOSING = 5.0  # seconds of SHUTDOWN_GRACE reserved for closing connections, database and threads
FORCED = 1  # exit code of a forced exit
_BACKSTOP = 1.0  # seconds after the deadline
_ENDING = 2.0  # seconds for cancelled tasks, and then for threads
_POLL = 0.02


def serving_time(grace: float) -> float:
    """Return the part of `grace` for finishing requests; the rest is for closing."""
    return grace - min(CLOSING, grace / 4)


def whole_time(grace: float) -> float:
    """Return the seconds until the forced exit: `grace`, but at least `CLOSING`."""
    return max(grace, CLOSING)


class ExitDeadline:
    """Forces the process to exit some seconds after `start`; writes all threads' stacks to `file`."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("ab", buffering=0)  # opened early: the disk may be full at the end
        faulthandler.enable(self._file)  # crashes in native code write their stacks there too
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = threading.Condition()
        self._end: float | None = None
        self._code = FORCED

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Log the tasks of `loop` on timeout."""
        self._loop = loop

    def start(self, seconds: float, code: int = FORCED) -> None:
        """Force an exit after `seconds` with exit code `code`; a later call can only shorten it."""
        with self._changed:
            end = time.monotonic() + seconds
            if self._end is not None and self._end <= end:
                return
            if self._end is None:
                threading.Thread(target=self._wait, name="exit-deadline", daemon=True).start()
            self._end, self._code = end, code
            faulthandler.dump_traceback_later(seconds + _BACKSTOP, exit=True, file=self._file)
            self._changed.notify_all()

    def cancel(self) -> None:
        """Cancel the deadline: nothing is left that could hang."""
        with self._changed:
            faulthandler.cancel_dump_traceback_later()
            self._end = None
            self._changed.notify_all()

    def _wait(self) -> None:
        with self._changed:
            while self._end is not None and (left := self._end - time.monotonic()) > 0:
                self._changed.wait(left)
            if self._end is None:
                return
        log.critical("forcing the exit; still running: %s", ", ".join(self._running()))
        faulthandler.dump_traceback(self._file, all_threads=True)
        os._exit(self._code)

    def _running(self) -> list[str]:
        names = _threads()
        with contextlib.suppress(Exception):  # the loop changes its tasks concurrently
            names += [_described(task) for task in asyncio.all_tasks(self._loop)] if self._loop else []
        return names or ["unknown"]


@contextlib.contextmanager
def stop_event(
    deadline: ExitDeadline | None, grace: float, again: Callable[[], None] = lambda: None
) -> Iterator[asyncio.Event]:
    """Yield an event that the first SIGTERM, SIGINT or SIGHUP sets. Main thread only, inside the running loop.

    The signal starts the `deadline` of the process, by `grace`; a second one shortens it and calls `again` in the loop.
    """
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    signals = 0

    def handle() -> None:  # in a thread
        nonlocal signals
        signals += 1
        first = signals == 1
        if deadline is not None:
            deadline.start(whole_time(grace) if first else CLOSING)
        loop.call_soon_threadsafe(stop.set if first else again)

    with stop_signals(handle):
        yield stop


@contextlib.contextmanager
def stop_signals(handle: Callable[[], None]) -> Iterator[None]:
    """Call `handle`, in a thread, for each SIGTERM, SIGINT and SIGHUP. Main thread only."""
    wanted = wanted_signals()
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)

    def take() -> None:
        while numbers := ours.recv(64):
            for number in numbers:
                if number in wanted:
                    handle()

    thread = threading.Thread(target=take, name="signals", daemon=True)
    thread.start()
    # the wakeup fd is written immediately, whatever the main thread does; Python handlers run later
    before_fd = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    before = {number: signal.signal(number, lambda *_: None) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before_fd)
        theirs.close()
        thread.join(1)
        ours.close()


async def end_everything(seconds: float) -> list[str]:
    """Cancel all other tasks and wait for them and the threads, `seconds` each; return the rest.

    Daemon threads are ignored, as Python does.
    """
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    late: set[asyncio.Task[Any]] = set()
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=seconds)
    end = time.monotonic() + seconds
    while _threads() and time.monotonic() < end:  # noqa: ASYNC110 - threads set no event
        await asyncio.sleep(_POLL)
    return [_described(task) for task in late] + _threads()


def run(main: Coroutine[Any, Any, None], deadline: ExitDeadline) -> None:
    """Run `main` in an event loop and end its tasks and threads; raises what `main` raises.

    Tasks and threads that do not end are logged.
    """
    runner = asyncio.Runner()
    # asyncio's own waits for its threads without a limit
    executor = ThreadPoolExecutor(thread_name_prefix="work")
    left: list[str] = []

    async def to_its_end() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(executor)
        deadline.watch(loop)
        code = 0
        try:
            await main
        except MeliconError as error:
            code = error.exit_code
            raise
        except BaseException:
            code = FORCED
            raise
        finally:
            deadline.start(CLOSING, code)
            executor.shutdown(wait=False, cancel_futures=True)
            left.extend(await end_everything(_ENDING))

    try:
        runner.run(to_its_end())
    finally:
        if left:
            log.warning("still running at exit: %s", ", ".join(left))
        else:
            deadline.cancel()
            runner.close()
    leave(0)


def leave(code: int) -> NoReturn:
    """Exit at once, without waiting for threads."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)


def _threads() -> list[str]:
    """Return the names of the non-daemon threads."""
    here = {threading.main_thread(), threading.current_thread()}
    return [f"thread {thread.name}" for thread in threading.enumerate() if not thread.daemon and thread not in here]


def _described(task: asyncio.Task[Any]) -> str:
    """Return a task's name and current position."""
    frames = task.get_stack(limit=1)
    place = f" at {Path(frames[0].f_code.co_filename).name}:{frames[0].f_lineno}" if frames else ""
    return f"task {task.get_name()}{place}"
