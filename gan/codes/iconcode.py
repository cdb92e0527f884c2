"""The icon code: an immutable value with a canonical text form."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field, replace

from gan.codes.errors import CodeError
from gan.codes.grammar import read, read_phrase
from gan.codes.parts import MODEL, STYLE, Term, Tweak, check_steps, in_order, print_steps

MAX_TWEAKS = 8  # in a whole code

_SAFE = {"~": "-v", "@": "-at", "+": "-", ":": "-", "/": "_", "#": "_"}  # replacements in file names
_LONGEST_STEM = 220  # characters; leaves room for a prefix and suffix within file systems' limit of 255


@dataclass(frozen=True, slots=True)
class IconCode:
    """An icon or a mix of two, optionally with a style and a model.

    Instances are always valid: constructing one that has no text form raises `CodeError`.
    """

    first: Term
    second: Term | None = None
    percent: int = 50  # position between first and second
    steps: tuple[int, ...] = field(default=())  # variations of the mix
    style: str | None = None
    model: str | None = None  # the first 8 hex digits of the model's hash
    tweaks: tuple[Tweak, ...] = ()  # of the result, sorted by name

    def __post_init__(self) -> None:
        object.__setattr__(self, "tweaks", in_order(self.tweaks))
        if not 0 <= self.percent <= 100:
            raise CodeError("The share after “@” goes from 0 to 100, for example 123x456@25.", "percent")
        check_steps(self.steps)
        if self.second is None and (self.steps or self.percent != 50):
            raise CodeError("A share needs two icons to mix, for example 123x456@25.", "form")
        if self.second is None and self.first.tweaks:
            raise CodeError("Tweaks of one of two icons need both of them, for example 123+mouth:1x456.", "form")
        if len(self.all_tweaks) > MAX_TWEAKS:
            raise CodeError(f"An icon has at most {MAX_TWEAKS} tweaks: take one back first.", "tweaks")
        if self.style is not None and not STYLE.fullmatch(self.style):
            raise CodeError(
                "A style after “/” has up to 32 small letters, digits, “-” and “_”, for example 123/mel.",
                "style",
            )
        if self.model is not None and (self.style is None or not MODEL.fullmatch(self.model)):
            raise CodeError("A model is named by its style and 8 hex digits, for example 123/mel#0a1b2c3d.", "model")

    @classmethod
    def parse(cls, text: str) -> IconCode:
        """Parse a code, a word or a phrase; raises `CodeError` with a message for the user."""
        return cls(**read(text))

    @classmethod
    def from_seed(cls, seed: int) -> IconCode:
        """Return the code of a seed, 0 … 2³²-1."""
        return cls(Term(seed))

    @classmethod
    def from_phrase(cls, text: str) -> IconCode:
        """Return the code of a word or phrase, even one that looks like a code, such as 42; raises `CodeError`."""
        return cls(read_phrase(text))

    @classmethod
    def random(cls) -> IconCode:
        """Return the code of an unpredictable seed."""
        return cls(Term(secrets.randbits(32)))

    def vary(self, n: int) -> IconCode:
        """Return the code of this icon's `n`-th variation, 1 … 9999, in the same style and with the same tweaks."""
        if self.second is None:
            return replace(self, first=Term(self.first.seed, (*self.first.steps, n)))
        return replace(self, steps=(*self.steps, n))

    def tweak(self, name: str, by: int) -> IconCode:
        """Return the code of this icon with `name` moved `by` steps; moving back restores the same code."""
        steps = {tweak.name: tweak.steps for tweak in self.tweaks}
        steps[name] = steps.get(name, 0) + by
        return replace(self, tweaks=tuple(Tweak(*item) for item in steps.items() if item[1]))

    def steps_of(self, name: str) -> int:
        """Return the steps by which this icon is tweaked in `name`; 0: none."""
        return next((tweak.steps for tweak in self.tweaks if tweak.name == name), 0)

    @property
    def all_tweaks(self) -> tuple[Tweak, ...]:
        """All tweaks of this icon and, if it is a mix, of its two icons."""
        return (*self.first.tweaks, *(self.second.tweaks if self.second else ()), *self.tweaks)

    @property
    def untweaked(self) -> IconCode:
        """This code without its own tweaks; those of a mix's icons stay."""
        return replace(self, tweaks=())

    @property
    def plain(self) -> IconCode:
        """This code without style, model and all tweaks."""
        second = replace(self.second, tweaks=()) if self.second else None
        return replace(self.untweaked.bare, first=replace(self.first, tweaks=()), second=second)

    @staticmethod
    def mix(a: IconCode, b: IconCode, percent: int = 50) -> IconCode:
        """Return the code `percent` of the way from `a` to `b`, each with its tweaks; neither may be a mix itself.

        A style named by only one of them applies to the mix; two different ones raise `CodeError`. The model is kept
        when both name the same.
        """
        if a.second is not None or b.second is not None:
            raise CodeError("A mix cannot be mixed again: mix two single icons, as in 123x456.", "nested")
        if a.style and b.style and a.style != b.style:
            raise CodeError(f"An icon of {a.style} and one of {b.style} cannot be mixed: use one style.", "styles")
        return IconCode(
            replace(a.first, tweaks=a.tweaks),
            replace(b.first, tweaks=b.tweaks),
            percent,
            style=a.style or b.style,
            model=a.model if a.model == b.model else None,
        )

    def pinned(self, style: str, model: str) -> IconCode:
        """Return the full form: this icon in `style`, by the model whose hash begins with `model` (8 hex digits)."""
        return replace(self, style=style, model=model)

    @property
    def bare(self) -> IconCode:
        """This code without style and model."""
        return replace(self, style=None, model=None)

    @property
    def filename(self) -> str:
        """A file name stem of [a-z0-9_-] only: safe in file systems, shells and URLs. Long ones are truncated."""
        text = str(self)
        stem = text.translate({ord(c): safe for c, safe in _SAFE.items()})
        if len(stem) <= _LONGEST_STEM:
            return stem
        return f"{stem[: _LONGEST_STEM - 17]}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    def __str__(self) -> str:
        text = str(self.first)
        if self.second is not None:
            text += f"x{self.second}"
            if self.percent != 50 or self.steps or self.second.tweaks:  # tweaks after “@” belong to the mix
                text += f"@{self.percent}{print_steps(self.steps)}"
        text += "".join(map(str, self.tweaks))
        if self.style is not None:
            text += f"/{self.style}"
        if self.model is not None:
            text += f"#{self.model}"
        return text
