"""Manners of a process that works in the background: it gives way to everything else on the machine."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def stop_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that ask a process to save and leave: Ctrl-C, SIGTERM, and a terminal that was closed.

    After `nohup`, closing the terminal asks for nothing.
    """
    hangup = getattr(signal, "SIGHUP", None)  # Windows has none
    heeded = hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN
    return (signal.SIGINT, signal.SIGTERM, *((hangup,) if heeded else ()))


def lower_priority(niceness: int) -> None:
    """Let others have the processor first, and the system's hand when memory is short last.

    `niceness`: 0 to 19, added to what this process has. On Windows nothing happens.
    """
    if not hasattr(os, "nice"):
        return
    os.nice(niceness)
    _say("oom_score_adj", 1000)
    if os.getsid(0) == os.getpid():
        # A session is a group of its own, outside of which a process's niceness says nothing. Only who began the
        # session speaks for it: others may share it with the terminal that they were started from.
        _say("autogroup", niceness)


def _say(what: str, value: int) -> None:
    with contextlib.suppress(OSError):  # Linux only
        Path("/proc/self", what).write_text(str(value), "ascii")
