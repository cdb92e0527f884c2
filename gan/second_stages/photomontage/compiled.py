"""Numba compilation with settings for all installations."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile `function` on its first call, without the interpreter lock.

    The machine code is cached beside the module or in the user's cache folder. If neither is writable, every process
    compiles it again.
    """
    try:
        made: Callable[_P, _R] = njit(nogil=True, cache=True)(function)
    except RuntimeError:  # no writable cache folder
        made = njit(nogil=True)(function)
    return made
