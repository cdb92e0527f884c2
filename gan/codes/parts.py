"""Components of an icon code: terms, variations, tweaks, and the names of styles and models."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gan.codes.errors import CodeError

MAX_SEED = 2**32 - 1
MAX_VARIATION = 9999
MAX_CHAIN = 8  # variations of variations
MAX_STEPS = 99  # of a tweak, either way

STYLE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
MODEL = re.compile(r"[0-9a-f]{8}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,23}")


@dataclass(frozen=True, slots=True, order=True)
class Tweak:
    """Steps along an edit axis of the model: an attribute or a direction."""

    name: str
    steps: int  # 1 … MAX_STEPS either way

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not 1 <= abs(self.steps) <= MAX_STEPS:
            raise CodeError(
                f"A tweak after “+” is a name and 1 to {MAX_STEPS} steps either way, for example 123+mouth:-1.", "tweak"
            )

    def __str__(self) -> str:
        return f"+{self.name}:{self.steps}"


@dataclass(frozen=True, slots=True)
class Term:
    """A seed with a chain of variations; in a mix, with tweaks applied before mixing."""

    seed: int  # 0 … MAX_SEED
    steps: tuple[int, ...] = ()  # each 1 … MAX_VARIATION, at most MAX_CHAIN of them
    tweaks: tuple[Tweak, ...] = ()  # sorted by name

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise CodeError(f"A seed goes from 0 to {MAX_SEED}, for example 123.", "seed")
        check_steps(self.steps)
        object.__setattr__(self, "tweaks", in_order(self.tweaks))

    def __str__(self) -> str:
        return f"{self.seed}{print_steps(self.steps)}{''.join(map(str, self.tweaks))}"


def in_order(tweaks: tuple[Tweak, ...]) -> tuple[Tweak, ...]:
    """Return `tweaks` sorted by name; raises `CodeError` for duplicates."""
    if len({tweak.name for tweak in tweaks}) < len(tweaks):
        raise CodeError("Each tweak stands once, for example 123+mouth:2.", "tweak")
    return tuple(sorted(tweaks))


def check_steps(steps: tuple[int, ...]) -> None:
    """Raise `CodeError` for an invalid chain of variations."""
    if len(steps) > MAX_CHAIN:
        raise CodeError(f"A chain has at most {MAX_CHAIN} variations: start again from one of them.", "chain")
    if not all(1 <= n <= MAX_VARIATION for n in steps):
        raise CodeError(f"A variation after “~” goes from 1 to {MAX_VARIATION}, for example 123~4.", "variation")


def print_steps(steps: tuple[int, ...]) -> str:
    """Return variations as in a code, such as ~4~2."""
    return "".join(f"~{n}" for n in steps)
