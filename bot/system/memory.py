"""How much memory the machine has free."""

from __future__ import annotations

from pathlib import Path

MEMORY_NEEDED = 800 * 2**20  # bytes that a training process takes from the shipped weights; 520 MiB from scratch
_RESERVE = 64 * 2**20  # bytes left to others
_UNKNOWN = 2**50


def free_memory(file: Path = Path("/proc/meminfo")) -> int:
    """Return the bytes that new processes can use without swapping; very many if the system does not tell."""
    try:
        lines = dict(line.split(":", 1) for line in file.read_text("ascii").splitlines())
        return int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, ValueError, KeyError, IndexError):
        return _UNKNOWN


def fitting_limit(wanted: int) -> int:
    """Return a memory limit in bytes: `wanted`, or what is free on a smaller machine, but at least `MEMORY_NEEDED`."""
    return min(wanted, max(MEMORY_NEEDED, free_memory() - _RESERVE))
