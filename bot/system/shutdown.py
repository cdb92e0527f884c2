"""Ends the process when it is to end, whatever hangs.

Three things see to it, each where the one before does not reach:

    end_everything     in the event loop: cancels what still runs, waits a moment, and names what does not end
    ExitDeadline       a thread: once its time is over, it writes to the log what hangs and ends the process
    faulthandler       a thread of C, which needs no Python: for native code that never gives the interpreter back

SIGTERM, SIGINT and SIGHUP are taken by a thread too, so that they arrive while a callback keeps the event loop busy.
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

CLOSING = 5.0  # seconds for connections, database and threads, at the end of SHUTDOWN_GRACE
FORCED = 1  # exit code of a process that did not end by itself
_BACKSTOP = 1.0  # seconds after the deadline
_ENDING = 2.0  # seconds that cancelled tasks, and then threads, have
_POLL = 0.02


def serving_time(grace: float) -> float:
    """Return for how many seconds of `grace` requests are finished; the rest of it is for closing."""
    return grace - min(CLOSING, grace / 4)


def whole_time(grace: float) -> float:
    """Return after how many seconds the process ends by force: `grace`, and no less than `CLOSING`."""
    return max(grace, CLOSING)


class ExitDeadline:
    """Ends the process by force some seconds after `start`. `file` takes the stacks of all threads then."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("ab", buffering=0)  # open from the start: at the end there may be no room for more
        faulthandler.enable(self._file)  # a crash in native code leaves its stack there, too
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = threading.Condition()
        self._end: float | None = None
        self._code = FORCED

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the tasks of `loop` when the time is over."""
        self._loop = loop

    def start(self, seconds: float, code: int = FORCED) -> None:
        """End the process in `seconds` with the exit code `code`; a later call can only make it sooner."""
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
        """Let the process end by itself: there is nothing left that could keep it."""
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
        log.critical("the bot did not end by itself; it is ended now. What still ran: %s", ", ".join(self._running()))
        faulthandler.dump_traceback(self._file, all_threads=True)
        os._exit(self._code)

    def _running(self) -> list[str]:
        names = _threads()
        with contextlib.suppress(Exception):  # the loop goes on changing its tasks
            names += [_described(task) for task in asyncio.all_tasks(self._loop)] if self._loop else []
        return names or ["nothing that has a name"]


@contextlib.contextmanager
def stop_signals(handle: Callable[[], None]) -> Iterator[None]:
    """Call `handle`, in a thread of its own, for each SIGTERM, SIGINT and SIGHUP. Only in the main thread."""
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
    # written to as soon as the signal arrives, whatever the main thread is doing; the handlers in Python run later
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
    """Cancel every other task, wait for them and then for the threads; return what is still there after `seconds` each.

    Daemon threads do not count: Python does not wait for them either.
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
    """Run `main` in an event loop, end its tasks and threads, and then the process; raises what `main` raises.

    What does not end is named in the log, and not waited for.
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
            log.warning("left behind: %s", ", ".join(left))
        else:
            deadline.cancel()
            runner.close()
    leave(0)


def leave(code: int) -> NoReturn:
    """End the process at once, without waiting for its threads."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)


def _threads() -> list[str]:
    """Return the names of the threads that Python would wait for at its end."""
    here = {threading.main_thread(), threading.current_thread()}
    return [f"thread {thread.name}" for thread in threading.enumerate() if not thread.daemon and thread not in here]


def _described(task: asyncio.Task[Any]) -> str:
    """Return a task's name and where it stands."""
    frames = task.get_stack(limit=1)
    place = f" at {Path(frames[0].f_code.co_filename).name}:{frames[0].f_lineno}" if frames else ""
    return f"task {task.get_name()}{place}"
