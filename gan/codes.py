"""Icon codes: the short text that says how to draw an icon again.

    123                  the icon of seed 123
    naru                 any other word or phrase: its hash gives the seed
    123~4                the 4th variation of 123; 123~4~2 the 2nd variation of that
    123x456              halfway between two icons; 123x456@25 a quarter of the way
    123x456@25~3         the 3rd variation of that mix
    123+hair_colour:2    with the hair colour two further in the artist's list; 123~4+hat:-1+mouth:3 with two tweaks
    123/lorelei          in the style `lorelei`; 123/lorelei#0a1b2c3d by that very model

The grammar, after NFKC, trimming and casefolding:

    code = body tweak* [ "/" style [ "#" hash8 ] ]
    body = term | term "x" term [ "@" percent ("~" n)* ]
    term = seed ("~" n)*
    tweak = "+" name ":" [ "-" ] n

A tweak comes last, whatever the body says: it moves one thing that a model's icons have by so many steps, and nothing
else (see `gan.tweaking`). Each name stands once, in alphabetical order; a tweak of 0 steps is none. What names there
are is the model's affair.

What a code means is frozen: the same text names the same icon for ever.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass, field, replace

from gan.errors import MeliconError

MAX_SEED = 2**32 - 1
MAX_VARIATION = 9999
MAX_CHAIN = 8  # variations of variations
MAX_TWEAKS = 8
MAX_STEPS = 99  # of a tweak, either way
MAX_TEXT = 500  # characters of what a person may type; the longest code has fewer

_STEPS = r"((?:~[0-9]+)*)"
_TWEAKS = r"((?:\+[a-z][a-z0-9_]*:[+-]?[0-9]+)*)"
_BODY = re.compile(rf"([0-9]+){_STEPS}(?:x([0-9]+){_STEPS}(?:@([0-9]+){_STEPS})?)?{_TWEAKS}")
# meant as a code, so never to be taken for a phrase; "1+1", "12+x: yes" and "1+a:2 is nice" are phrases
_ATTEMPT = re.compile(r"[0-9]+\s*(?:[x×~@/#]|$|(?:\s*\+\s*[a-z][a-z0-9_]*\s*:\s*[+\-−]?[0-9]+)++(?!\s))")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,23}")
_STYLE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_MODEL = re.compile(r"[0-9a-f]{8}")
_STYLED_WORD = re.compile(rf"([^/]*[^/\s])/({_STYLE.pattern})(?:#({_MODEL.pattern}))?")
_EXAMPLES = "Examples: 123, naru, 123~4, 123x456@25, 123+mouth:1, 123/lorelei."
_SAFE = {"~": "-v", "@": "-at", "+": "-", ":": "-", "/": "_", "#": "_"}  # what stands for what in file names
_LONGEST_STEM = 220  # characters; with what is put around it, a name of at most 255, the limit of file systems


class CodeError(MeliconError, ValueError):
    """Text that is no icon code, or a step that leads to none; `reason` is a key for translations.

    Reasons: empty, long, control, form, seed, variation, chain, percent, tweak, tweaks, style, model, nested, styles,
    tweaked.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class StyleMismatch(CodeError):  # noqa: N818  # a name that says what it is
    """A code that names another style or model than the one asked to draw it."""


@dataclass(frozen=True, slots=True)
class Term:
    """A seed and the variations taken from it, one after the other."""

    seed: int  # 0 … MAX_SEED
    steps: tuple[int, ...] = ()  # each 1 … MAX_VARIATION, at most MAX_CHAIN of them

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise CodeError(f"A seed goes from 0 to {MAX_SEED}, for example 123.", "seed")
        _check_steps(self.steps)

    def __str__(self) -> str:
        return f"{self.seed}{_print_steps(self.steps)}"


@dataclass(frozen=True, slots=True, order=True)
class Tweak:
    """So many steps along something that a model's icons have: an attribute's values, or a direction."""

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
class IconCode:
    """What to draw: an icon or a mix of two, perhaps in a named style by a given model.

    Instances are always valid: building one that the grammar cannot print raises `CodeError`.
    """

    first: Term
    second: Term | None = None
    percent: int = 50  # of the way from first to second
    steps: tuple[int, ...] = field(default=())  # variations of the mix
    style: str | None = None
    model: str | None = None  # the first 8 hex digits of the model's hash
    tweaks: tuple[Tweak, ...] = ()  # at most MAX_TWEAKS, kept in the order of their names

    def __post_init__(self) -> None:
        object.__setattr__(self, "tweaks", tuple(sorted(self.tweaks)))
        if not 0 <= self.percent <= 100:
            raise CodeError("The share after “@” goes from 0 to 100, for example 123x456@25.", "percent")
        _check_steps(self.steps)
        if self.second is None and (self.steps or self.percent != 50):
            raise CodeError("A share needs two icons to mix, for example 123x456@25.", "form")
        if len({tweak.name for tweak in self.tweaks}) < len(self.tweaks):
            raise CodeError("Each tweak stands once, for example 123+mouth:2.", "tweak")
        if len(self.tweaks) > MAX_TWEAKS:
            raise CodeError(f"An icon has at most {MAX_TWEAKS} tweaks: take one back first.", "tweaks")
        if self.style is not None and not _STYLE.fullmatch(self.style):
            raise CodeError(
                "A style after “/” has up to 32 small letters, digits, “-” and “_”, for example 123/lorelei.",
                "style",
            )
        if self.model is not None and (self.style is None or not _MODEL.fullmatch(self.model)):
            raise CodeError(
                "A model is named by its style and 8 hex digits, for example 123/lorelei#0a1b2c3d.", "model"
            )

    @classmethod
    def parse(cls, text: str) -> IconCode:
        """Read a code, a word or a phrase; raises `CodeError` with a sentence for the person who typed it."""
        text = _clean(text)
        if not _ATTEMPT.match(text):
            word, style, model = text, None, None
            if styled := _STYLED_WORD.fullmatch(text):
                word, style, model = styled.groups()
            return cls(Term(_hash(word)), style=style, model=model)
        # "123×456" is how a phone writes a mix, and "−1" a number below 0
        body, slash, tail = text.replace("×", "x").replace("−", "-").partition("/")
        parts = _BODY.fullmatch(body)
        if parts is None:
            raise CodeError(f"“{_shorten(text)}” is not an icon code. {_EXAMPLES}", "form")
        seed, steps, seed2, steps2, percent, mix_steps, tweaks = parts.groups()
        style, sharp, model = tail.partition("#")
        return cls(
            first=Term(int(seed), _read_steps(steps)),
            second=Term(int(seed2), _read_steps(steps2)) if seed2 else None,
            percent=int(percent) if percent else 50,
            steps=_read_steps(mix_steps or ""),
            style=style if slash else None,
            model=model if sharp else None,
            tweaks=_read_tweaks(tweaks),
        )

    @classmethod
    def from_seed(cls, seed: int) -> IconCode:
        """Return the code of a seed, 0 … 2³²-1."""
        return cls(Term(seed))

    @classmethod
    def from_phrase(cls, text: str) -> IconCode:
        """Return the code of a word or phrase, also of one that reads like a code, such as 42; raises `CodeError`."""
        return cls(Term(_hash(_clean(text))))

    @classmethod
    def random(cls) -> IconCode:
        """Return the code of a seed nobody can foresee."""
        return cls(Term(secrets.randbits(32)))

    def vary(self, n: int) -> IconCode:
        """Return the code of this icon's `n`-th variation, 1 … 9999, in the same style and with the same tweaks."""
        if self.second is None:
            return replace(self, first=Term(self.first.seed, (*self.first.steps, n)))
        return replace(self, steps=(*self.steps, n))

    def tweak(self, name: str, by: int) -> IconCode:
        """Return the code of this icon with `name` moved `by` steps on; moved back, it is the very same code again."""
        steps = {tweak.name: tweak.steps for tweak in self.tweaks}
        steps[name] = steps.get(name, 0) + by
        return replace(self, tweaks=tuple(Tweak(*item) for item in steps.items() if item[1]))

    def steps_of(self, name: str) -> int:
        """Return by how many steps this icon is tweaked in `name`; 0: not at all."""
        return next((tweak.steps for tweak in self.tweaks if tweak.name == name), 0)

    @property
    def untweaked(self) -> IconCode:
        """This code without its tweaks."""
        return replace(self, tweaks=())

    @staticmethod
    def mix(a: IconCode, b: IconCode, percent: int = 50) -> IconCode:
        """Return the code `percent` of the way from `a` to `b`; neither may be a mix itself, or tweaked.

        A style that only one of them names holds for the mix; two different ones raise `CodeError`. The model
        is kept when both name the same.
        """
        if a.second is not None or b.second is not None:
            raise CodeError("A mix cannot be mixed again: mix two single icons, as in 123x456.", "nested")
        if a.tweaks or b.tweaks:
            raise CodeError("A tweaked icon cannot be mixed: mix first, then tweak, as in 123x456+mouth:1.", "tweaked")
        if a.style and b.style and a.style != b.style:
            raise CodeError(f"An icon of {a.style} and one of {b.style} cannot be mixed: use one style.", "styles")
        return IconCode(
            a.first,
            b.first,
            percent,
            style=a.style or b.style,
            model=a.model if a.model == b.model else None,
        )

    def pinned(self, style: str, model: str) -> IconCode:
        """Return the full form: this icon in `style`, by the model whose hash begins with `model` (8 hex)."""
        return replace(self, style=style, model=model)

    @property
    def bare(self) -> IconCode:
        """This code without style and model."""
        return replace(self, style=None, model=None)

    @property
    def filename(self) -> str:
        """A stem for files, of [a-z0-9_-] only: safe in any file system, shell and URL. Endless ones are abridged."""
        text = str(self)
        stem = text.translate({ord(c): safe for c, safe in _SAFE.items()})
        if len(stem) <= _LONGEST_STEM:
            return stem
        return f"{stem[: _LONGEST_STEM - 17]}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    def __str__(self) -> str:
        text = str(self.first)
        if self.second is not None:
            text += f"x{self.second}"
            if self.percent != 50 or self.steps:
                text += f"@{self.percent}{_print_steps(self.steps)}"
        text += "".join(map(str, self.tweaks))
        if self.style is not None:
            text += f"/{self.style}"
        if self.model is not None:
            text += f"#{self.model}"
        return text


def _clean(text: str) -> str:
    """Normalise what was typed; refuse what is empty, endless or has characters nobody can see."""
    if len(text) > MAX_TEXT:
        raise CodeError(f"An icon code or phrase has at most {MAX_TEXT} characters.", "long")
    text = unicodedata.normalize("NFKC", text).strip().casefold()
    if not text:
        raise CodeError(f"An icon code or a word is needed. {_EXAMPLES}", "empty")
    # surrogates (Cs) are halves of characters; UTF-8 cannot write them
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in text):
        raise CodeError("An icon code or phrase is one line without control characters.", "control")
    return " ".join(text.split())


def _hash(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")


def _read_steps(text: str) -> tuple[int, ...]:
    return tuple(int(n) for n in text.split("~")[1:])


def _read_tweaks(text: str) -> tuple[Tweak, ...]:
    pairs = re.findall(r"\+([a-z0-9_]+):([+-]?[0-9]+)", text)
    return tuple(Tweak(name, int(steps)) for name, steps in pairs if int(steps))


def _print_steps(steps: tuple[int, ...]) -> str:
    return "".join(f"~{n}" for n in steps)


def _check_steps(steps: tuple[int, ...]) -> None:
    if len(steps) > MAX_CHAIN:
        raise CodeError(f"A chain has at most {MAX_CHAIN} variations: start again from one of them.", "chain")
    if not all(1 <= n <= MAX_VARIATION for n in steps):
        raise CodeError(f"A variation after “~” goes from 1 to {MAX_VARIATION}, for example 123~4.", "variation")


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
