"""The files that an icon can be downloaded as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import Refusal
from bot.inference.formats import Format, FormatConverter, NoVector
from bot.ui.code_options import refusal
from gan.codes import CodeError

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.inference import Drawing
    from gan.codes import IconCode

SIZES = (64, 256, 512, 1024)  # pixels a side
_CLOSED, _OPEN = ("happy", "calm", "squeezed"), "round"  # eyes


@dataclass(frozen=True, slots=True)
class FileKind:
    """A file other than a square PNG."""

    size: int  # pixels a side
    format: Format = Format.PNG
    round: bool = False
    blinking: bool = False  # an animation in which the eyes close for a moment
    of_attributes: bool = False  # only for styles that name attributes


# PNGs of these sizes are smaller than Discord's limits, 512 KiB for a sticker and 256 KiB for an emoji
KINDS = {
    "round": FileKind(512, round=True),
    "sticker": FileKind(320),
    "blinking": FileKind(320, blinking=True, of_attributes=True),
    "emoji": FileKind(128),
    "server_icon": FileKind(512),
    "webp": FileKind(512, Format.WEBP),
    "svg": FileKind(512, Format.SVG, of_attributes=True),
}


async def make_file(bot: MeliconBot, code: IconCode, kind: FileKind, owner: int) -> tuple[Drawing, bytes]:
    """Draw an icon for the user `owner` and encode it. Raises DrawError, and `Refusal` for an unsuitable style."""
    drawing = await bot.studio.draw(code, size=kind.size, round=kind.round, owner=owner)
    formats = bot.service(FormatConverter)
    if kind.blinking:
        other = await bot.studio.draw(_with_other_eyes(bot, drawing.pinned), size=kind.size, owner=owner)
        return drawing, await formats.blinking(drawing, other)
    if kind.format is Format.WEBP:
        return drawing, await formats.webp(drawing, round=kind.round)
    if kind.format is Format.SVG:
        try:
            return drawing, await formats.svg(bot.studio.sampler_for(drawing.pinned), drawing.pinned)
        except NoVector:
            raise Refusal("sizes.no_svg") from None
    return drawing, drawing.png


def _with_other_eyes(bot: MeliconBot, code: IconCode) -> IconCode:
    """Return the code of the same icon with closed eyes, or with open ones if they are closed."""
    sampler = bot.studio.sampler_for(code)
    eyes = next((list(a["values"]) for a in sampler.card.attributes if a["name"] == "eyes"), [])
    if _OPEN not in eyes or _CLOSED[1] not in eyes:
        raise Refusal("sizes.no_eyes")
    now = sampler.describe(code)["eyes"]
    wanted = _OPEN if now in _CLOSED else _CLOSED[1]
    try:
        return bot.studio.tweak(code, "eyes", eyes.index(wanted) - eyes.index(now))
    except CodeError as error:  # as many tweaks as a code can have
        raise refusal(bot, error, str(code.bare)) from error
