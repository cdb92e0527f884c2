"""Exceptions: text that is not an icon code, or a code that cannot be drawn here."""

from __future__ import annotations

from gan.errors import MeliconError


class CodeError(MeliconError, ValueError):
    """Text that is not an icon code, or an operation without a valid result; `reason` is a key for translations.

    Reasons: empty, long, control, form, seed, variation, chain, percent, tweak, tweaks, style, model, nested, styles,
    tweaked.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class StyleMismatch(CodeError):  # noqa: N818  # a name that says what it is
    """A code names another style or model than the one asked to draw it."""
