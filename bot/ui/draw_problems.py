"""Why an icon cannot be drawn, in the user's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.inference import DrawError, NoSuchTweak, StudioClosed, UnknownModel, UnknownStyle
from bot.ui.text import shown_code
from gan.latent.edits import FARTHEST

if TYPE_CHECKING:
    from bot.i18n import Words
    from bot.inference import Studio

_MOST_NAMED = 40  # tweaks in one message


def explain_draw(studio: Studio, words: Words, error: DrawError) -> str | None:
    """Return the message for an error; None if the drawing itself failed."""
    code = error.code
    match error:
        case UnknownStyle():
            known = ", ".join(f"`{style}`" for style in studio.styles)
            return words("style.unknown", style=code.style, known=known, example=code.bare)
        case UnknownModel():
            example = shown_code(code.bare, code.style or studio.style, studio.style)
            return words("style.model", model=code.model, style=code.style, example=example)
        case NoSuchTweak():
            known = ", ".join(f"`{name}`" for name in error.known[:_MOST_NAMED])
            plain = code.plain
            possible = plain.tweak(error.known[0], 1) if error.known else plain
            example = shown_code(possible, code.style or studio.style, studio.style)
            return words("tweak.unknown", tweak=error.name, known=known, far=FARTHEST, example=example)
        case StudioClosed():
            return words("draw.closing")
    return None
