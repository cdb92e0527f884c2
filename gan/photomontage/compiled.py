"""Numba's compiler with settings that suit every installation."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile `function` on its first call, without the interpreter lock.

    The machine code is cached beside the module or in the user's cache folder. Where neither can be written, it is
    compiled again in every process.
    """
    try:
        made: Callable[_P, _R] = njit(nogil=True, cache=True)(function)
    except RuntimeError:  # no folder for the cache
        made = njit(nogil=True)(function)
    return made
