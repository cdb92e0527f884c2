"""Sandboxing of a subprocess that handles untrusted files, with the Linux kernel's features.

    missing = confine(memory=2**30)  # in the child, after importing everything it needs

From then on the process can read only Python's own code and the system's libraries; it cannot write, create, remove or
rename files, open sockets, start processes, or signal or inspect others. Most of this is enforced by two of four
layers:

- limits (setrlimit) on memory, processor time and written bytes,
- an empty network namespace,
- Landlock, which restricts file access (https://docs.kernel.org/userspace-api/landlock.html),
- seccomp, which restricts system calls; of those that open files, only reading ones are allowed.

`confine` returns the layers that the system lacks, and the bot logs them.
"""

from __future__ import annotations

import ctypes
import errno
import os
import site
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from bot.system.subprocesses import ROOT

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyseccomp import Arg, SyscallFilter

CPU_SECONDS = 1_800  # for a process that reads many files; the bot's own timeout for each is stricter
_PR_GET_DUMPABLE, _PR_SET_DUMPABLE, _PR_SET_NAME, _PR_SET_VMA = 3, 4, 15, 0x53564D41  # <linux/prctl.h>
_CLONE_THREAD, _CLONE_NEWUSER, _CLONE_NEWNET = 0x00010000, 0x10000000, 0x40000000  # <linux/sched.h>
_ALLOWED_IOCTLS = (0x5401, 0x5450, 0x5451)  # TCGETS, FIONCLEX, FIOCLEX: used by Python's open()
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC; others send signals or take locks
_ALLOWED_FCNTL_COMMANDS = (0, 1, 2, 3, 1030)
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")

# System calls needed to decode and draw pictures; some exist only on certain CPUs.
_CALLS = {
    "reading and answering": "read readv pread64 write writev lseek close dup poll ppoll select pselect6",
    "files": "fstat newfstatat fstatat64 stat lstat statx statfs fstatfs access faccessat faccessat2 getdents64"
    " readlink readlinkat getcwd",
    "memory": "brk mmap munmap mprotect mremap madvise membarrier",
    "threads": "futex set_robust_list get_robust_list rseq set_tid_address exit exit_group gettid sched_yield"
    " sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_min sched_get_priority_max getcpu",
    "signals to itself": "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall",
    "time": "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time",
    "about itself": "getpid getppid getuid geteuid getgid getegid getrusage getrlimit uname sysinfo getrandom"
    " arch_prctl riscv_hwprobe",
}


def confine(memory: int, cpu_seconds: int = CPU_SECONDS) -> list[str]:
    """Drop this process's privileges; return the layers that failed, and why.

    `memory`: limit on the address space in bytes; `cpu_seconds`: limit on the total CPU time, after which the process
    is killed. Must run while the process has a single thread: existing threads would stay unconfined.
    """
    if sys.platform != "linux":
        _limit(memory, cpu_seconds)
        return [f"Landlock, seccomp and network namespaces, which {sys.platform} does not have"]
    threads = len(list(Path("/proc/self/task").iterdir()))
    missing = [] if threads == 1 else [f"a single thread (there are {threads}, of which all but one stay free)"]
    missing += [f"{what} ({why})" for what, why in _layers() if why is not None]
    _limit(memory, cpu_seconds)  # last: setting up the others allocates memory
    return missing


def address_space() -> int:
    """Return this process's address space in bytes; 0 if unknown."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def hide_memory() -> None:
    """Hide this process's memory and environment, with the token, from other processes of the same user.

    Also disables core dumps. Linux only. Child programs are unaffected (execve resets it).
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def is_hidden() -> bool:
    """Whether `hide_memory` has worked in this process."""
    return sys.platform == "linux" and bool(ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)


def _layers() -> Iterator[tuple[str, str | None]]:
    """Set up the layers; yield each one's name and error (None: success)."""
    rules = _call_rules()  # built first: ctypes finds libseccomp by running a program, impossible later
    yield "an empty network namespace", _leave_network()
    yield "Landlock", _open_only_code()
    yield "seccomp", rules if isinstance(rules, str) else _filter_calls(rules)


def _limit(memory: int, cpu_seconds: int) -> None:
    if resource is None:
        return
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),  # no byte may be written to disk
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _leave_network() -> str | None:
    libc = ctypes.CDLL(None, use_errno=True)
    # root may create a network namespace; others need a user namespace too
    if libc.unshare(_CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        return None
    return os.strerror(ctypes.get_errno())


def _open_only_code() -> str | None:
    try:
        from py_landlock import AccessFs, Landlock, LandlockError  # noqa: PLC0415 - Linux only
    except ImportError as error:
        return str(error)
    try:
        rules = Landlock(strict=False)  # older kernels accept a subset of the rules
        for place in readable():
            look = AccessFs.READ_FILE | AccessFs.READ_DIR if place.is_dir() else AccessFs.READ_FILE
            rules.add_path_rule(place, access=look)
        rules.apply()
    except (LandlockError, OSError) as error:
        return str(error)
    return None


def readable() -> list[Path]:
    """Return the paths a confined process may read: Python's modules and the system's libraries.

    Our own folder is excluded: `.env` and usually the data are there. So our modules must be imported before.
    """
    packages = {Path(place).resolve() for place in (*site.getsitepackages(), sysconfig.get_path("purelib"))}
    ours = set() if ROOT in packages else {ROOT, *ROOT.parents}
    places = (Path(place).resolve() for place in (*sys.path, *_LIBRARIES) if place)
    return [place for place in dict.fromkeys(places) if os.access(place, os.R_OK) and place not in ours]


def _call_rules() -> SyscallFilter | str:
    """Return the seccomp filter, or why it cannot be built."""
    try:
        import pyseccomp  # noqa: PLC0415 - Linux only
    except (ImportError, RuntimeError) as error:  # the latter if libseccomp.so.2 is not installed
        return str(error)
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    # seccomp cannot inspect arguments in memory: make the C library fall back to the older calls
    refused = [(call, pyseccomp.ERRNO(errno.ENOSYS)) for call in (("clone3",), ("openat2",))]
    for (call, *conditions), action in [*((allowed, pyseccomp.ALLOW) for allowed in _allowed()), *refused]:
        number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, call)
        if number >= 0:  # exists on this CPU
            rules.add_rule(action, number, *conditions)
    return rules


def _filter_calls(rules: SyscallFilter) -> str | None:
    try:
        rules.load()
    except OSError as error:
        return error.strerror
    return None


def _allowed() -> Iterator[tuple[str, *tuple[Arg, ...]]]:
    """Yield each allowed call with conditions on its arguments."""
    from pyseccomp import EQ, MASKED_EQ, Arg  # noqa: PLC0415

    for calls in _CALLS.values():
        for call in calls.split():
            yield (call,)
    changing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    yield "open", Arg(1, MASKED_EQ, changing, 0)
    yield "openat", Arg(2, MASKED_EQ, changing, 0)
    yield "clone", Arg(0, MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD)  # threads, not processes
    yield "prlimit64", Arg(0, EQ, 0)  # of this process
    for request in _ALLOWED_IOCTLS:
        yield "ioctl", Arg(1, EQ, request)
    for command in _ALLOWED_FCNTL_COMMANDS:
        yield "fcntl", Arg(1, EQ, command)
    for option in (_PR_SET_NAME, _PR_SET_VMA):  # names of threads and memory mappings
        yield "prctl", Arg(0, EQ, option)
