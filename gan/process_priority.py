"""Priority and stop signals of background processes."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def stop_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that ask a process to save and exit: Ctrl-C, SIGTERM, and SIGHUP from a closed terminal.

    SIGHUP is left out under `nohup`.
    """
    hangup = getattr(signal, "SIGHUP", None)  # absent on Windows
    handled = hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN
    return (signal.SIGINT, signal.SIGTERM, *((hangup,) if handled else ()))


def lower_priority(niceness: int) -> None:
    """Lower the CPU priority and make the OOM killer prefer this process.

    `niceness`: 0 to 19, added to the current value. Does nothing on Windows.
    """
    if not hasattr(os, "nice"):
        return
    os.nice(niceness)
    _say("oom_score_adj", 1000)
    if os.getsid(0) == os.getpid():
        # With autogroup scheduling, niceness counts only within a session, so the session's own value is set too. Only
        # its leader may set it, as the session may be shared with a terminal.
        _say("autogroup", niceness)


def _say(what: str, value: int) -> None:
    with contextlib.suppress(OSError):  # Linux only
        Path("/proc/self", what).write_text(str(value), "ascii")
