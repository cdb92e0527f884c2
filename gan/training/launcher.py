"""Launch, join and leave a process group for data-parallel training.

`melicon train --processes N` starts its own workers: `melicon train` again, with a rank in the environment. Under
`torchrun`, on one machine or several, all processes exist already and rank 0 leads.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import torch
from torch import distributed as dist

from gan.training.process_group import ProcessGroup, ProcessLostError

PATIENCE = timedelta(minutes=10)  # timeout of a collective operation
LEAVING = 10.0  # seconds a worker has to exit by itself
MEETING = "MELICON_MEETING"  # path of the rendezvous file for processes on one machine


def global_rank() -> int:
    """This process's rank; 0 outside a process group."""
    return int(os.environ.get("RANK", "0")) if world_size() else 0


def world_size() -> int:
    """Size of the process group that this process was started in; 0 if there is none."""
    return int(os.environ.get("WORLD_SIZE", "0")) if "RANK" in os.environ else 0


@contextmanager
def gathered(processes: int) -> Iterator[ProcessGroup]:
    """Lead a process group: torchrun's if there is one, else ``processes`` processes on this machine."""
    if world_size():
        with _joined(None, 0, world_size()):
            yield ProcessGroup(0, world_size())
    elif processes == 1:
        yield ProcessGroup()
    else:
        with tempfile.TemporaryDirectory(prefix="melicon-") as folder, _threads_shared(processes) as threads:
            meeting = Path(folder) / "meeting"
            helpers = [_start(rank, processes, meeting, threads) for rank in range(1, processes)]
            try:
                _wait_for(helpers, Path(folder))
                with _joined(meeting, 0, processes):
                    yield ProcessGroup(0, processes, lambda: exit_reason(helpers))
            finally:
                _end(helpers)


@contextmanager
def followed() -> Iterator[ProcessGroup]:
    """Join the process group that this process was started for, as a worker."""
    place = os.environ.get(MEETING)
    if place is not None:
        threading.Thread(target=_leave_with_leader, daemon=True).start()
        _mark(Path(place).parent, global_rank()).touch()
    with _joined(None if place is None else Path(place), global_rank(), world_size()):
        yield ProcessGroup(global_rank(), world_size())


@contextmanager
def _joined(meeting: Path | None, rank: int, count: int) -> Iterator[None]:
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    if meeting is None:
        dist.init_process_group(backend, timeout=PATIENCE)
    else:
        _stay_on_this_machine()
        store = dist.FileStore(str(meeting), count)  # type: ignore[attr-defined]  # torch's stub hides it
        dist.init_process_group(backend, store=store, rank=rank, world_size=count, timeout=PATIENCE)
    try:
        yield
    finally:
        dist.destroy_process_group()


def _stay_on_this_machine() -> None:
    """Restrict gloo to the loopback interface, unless the environment says otherwise."""
    loopback = [name for _, name in socket.if_nameindex() if name in {"lo", "lo0"}]
    if loopback:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", loopback[0])


@contextmanager
def _threads_shared(processes: int) -> Iterator[int]:
    """Divide torch's threads among the processes."""
    before = torch.get_num_threads()
    threads = max(1, before // processes)
    torch.set_num_threads(threads)
    try:
        yield threads
    finally:
        torch.set_num_threads(before)


def _start(rank: int, count: int, meeting: Path, threads: int) -> subprocess.Popen[bytes]:
    told = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, MEETING: meeting, "OMP_NUM_THREADS": threads}
    environment = os.environ | {name: str(value) for name, value in told.items()}
    command = [sys.executable, "-m", "gan", "train", "--out", "the leader's"]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603  # ourselves


def _mark(folder: Path, rank: int) -> Path:
    """The file that a worker creates once it is up."""
    return folder / f"here-{rank}"


def _wait_for(helpers: Sequence[subprocess.Popen[bytes]], folder: Path) -> None:
    while not all(_mark(folder, rank).exists() for rank in range(1, len(helpers) + 1)):
        if any(helper.poll() is not None for helper in helpers):
            raise ProcessLostError(exit_reason(helpers))
        time.sleep(0.05)


def _leave_with_leader() -> None:
    """Exit when the leader's end of the pipe closes, however the leader ended."""
    os.read(0, 1)
    os._exit(0)


def exit_reason(helpers: Sequence[subprocess.Popen[bytes]]) -> str:
    """Describe which worker exited and how."""
    deadline = time.monotonic() + 2  # the connection breaks shortly before the process has exited
    while True:
        for number, helper in enumerate(helpers, 2):
            if (code := helper.poll()) is not None:
                how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
                return f"training process {number} of {len(helpers) + 1} {how}"
        if time.monotonic() > deadline:
            return "the connection to another training process was lost"
        time.sleep(0.05)


def _end(helpers: Sequence[subprocess.Popen[bytes]]) -> None:
    for helper in helpers:
        if helper.stdin is not None:
            helper.stdin.close()
    for helper in helpers:
        try:
            helper.wait(LEAVING)
        except subprocess.TimeoutExpired:
            helper.kill()
            helper.wait()
