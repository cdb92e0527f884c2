"""The reply to a mention: text, usually with a picture."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import Refusal
from bot.features.describe.service import fit_lines
from bot.features.lookalike.pictures import Pictures
from bot.features.lookalike.service import ICONS, lookalike_sheet
from bot.fediverse.avatars import download
from bot.fediverse.parsing import Description, Help, Icon, Lookalike, Request, read_request
from bot.fediverse.services import Services
from bot.fediverse.text import fitted, plain, question_of
from bot.i18n import DEFAULT, LANGUAGES, Words
from bot.i18n.alt_text import alt_text
from bot.inference import DrawError
from bot.ui.draw_problems import explain_draw
from bot.ui.posting import draw_within
from gan.codes import CodeError, IconCode

if TYPE_CHECKING:
    from bot.fediverse.account import Mention

log = logging.getLogger(__name__)

LONGEST = 500  # characters of a post; Mastodon's limit
PICTURE_BYTES = 8 * 2**20  # below the limits of common servers


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to upload."""

    png: bytes
    name: str
    alt: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply."""

    text: str
    language: str
    picture: Picture | None = None


class Replies:
    """Builds replies with the services of the Discord commands."""

    def __init__(self, services: Services, server: str) -> None:
        """`server`: the URL of the account's server."""
        self._services = services
        self._studio = services.studio
        self._catalogues = services.catalogues
        self._pictures = Pictures()
        self._server = server

    async def make(self, mention: Mention) -> Reply:
        """Return the reply, which may be an error message."""
        words = self._catalogues.words((mention.language or DEFAULT).replace("_", "-").lower())
        text = question_of(mention.html)
        picture = None
        try:
            request = await asyncio.to_thread(read_request, text, self._studio, self._catalogues, words)
            lines, picture = await self._carry_out(request, mention, words)
        except CodeError as error:
            key = f"code.{error.reason}"
            lines = [words(key if key in words else "code.other", asked=f"“{text[:60]}”")]
        except Refusal as refusal:
            lines = [words(refusal.key, **refusal.values)]
        except DrawError as error:
            lines = [self._problem(words, error)]
        address = f"@{mention.author} "
        body = fitted([plain(line) for line in lines], LONGEST - len(address))
        return Reply(address + body, words.language if words.language in LANGUAGES else DEFAULT, picture)

    async def _carry_out(self, request: Request, mention: Mention, words: Words) -> tuple[list[str], Picture | None]:
        owner = ("fediverse", mention.author_id)
        match request:
            case Help():
                return [words("fediverse.help")], None
            case Lookalike():
                return await self._resemble(mention, words, owner)
            case Icon(code):
                return await self._draw(code, words, owner, [])
            case Description(query, unread):
                fit = await self._studio.search(query, owner=owner)
                return await self._draw(fit.code, words, owner, fit_lines(words, fit, unread))

    async def _draw(
        self, code: IconCode, words: Words, owner: tuple[str, str], lines: list[str]
    ) -> tuple[list[str], Picture]:
        drawing = await draw_within(self._studio, code, PICTURE_BYTES, owner)
        caption = words("icon.caption", code=self._studio.shown(drawing.pinned), style=drawing.style)
        return [*lines, caption], Picture(drawing.png, drawing.filename, alt_text(drawing, words))

    async def _resemble(self, mention: Mention, words: Words, owner: tuple[str, str]) -> tuple[list[str], Picture]:
        async def fetch() -> bytes:
            return await download(mention.author_avatar, self._server)

        avatar = await self._pictures.look_at("avatar", fetch, words)
        bot = self._services
        weights = bot.settings.weights
        sheet = await lookalike_sheet(self._studio, bot.keeper, weights, bot.encoders, avatar, owner=owner)
        lines = [f"{number}. {self._studio.shown(code)}" for number, code in enumerate(sheet.codes, 1)]
        return lines, Picture(sheet.png, "melicon-lookalike.png", words("like.alt", count=ICONS))

    def _problem(self, words: Words, error: DrawError) -> str:
        if (known := explain_draw(self._studio, words, error)) is not None:
            return known
        error_id = secrets.token_hex(4)
        log.error("error %s: %s", error_id, error)
        return words("draw.failed", code=error.code.bare, error_id=error_id)
