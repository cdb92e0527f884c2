"""Posting icons: shared by commands, buttons and unprompted messages."""

from __future__ import annotations

import io
import logging
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import discord

from bot.client import PUBLIC_LOCALE
from bot.errors import Refusal
from bot.i18n.alt_text import alt_text
from bot.inference import Drawing, Studio
from bot.ui.code_keys import store_code
from bot.ui.icon_row import icon_buttons
from bot.ui.persistent_items import Buttons
from bot.ui.server import server_of
from bot.ui.text import quoted, same_code
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words
    from bot.ui.persistent_items import PersistentItem

log = logging.getLogger(__name__)

_SMALLER = (256, 128, 64)  # fallback sizes for pictures over the upload limit
# Discord's lowest limit, for messages that answer no interaction
DEFAULT_LIMIT = 10 * 2**20
MANY_AHEAD = 60  # queue length; some two seconds of one core


async def defer(interaction: discord.Interaction[MeliconBot], *, private: bool = False) -> None:
    """Defer the reply of a charged interaction ("thinking…"), privately if `private` or if the server wants it so.

    If everyone sees the reply, `MeliconBot.words` gives the server's language from now on, if it has set one.
    """
    private = private or (await server_of(interaction)).private
    if not private:
        await _speak_to_everyone(interaction)
    await interaction.response.defer(thinking=True, ephemeral=private)


async def _speak_to_everyone(interaction: discord.Interaction[MeliconBot]) -> None:
    locale = (await server_of(interaction)).locale
    if locale is not None:
        interaction.extras[PUBLIC_LOCALE] = locale


async def defer_update(interaction: discord.Interaction[MeliconBot]) -> None:
    """Defer the update of the component's message; see `defer` for the language."""
    if interaction.message is not None and not interaction.message.flags.ephemeral:
        await _speak_to_everyone(interaction)
    await interaction.response.defer()


async def defer_ephemeral(interaction: discord.Interaction[MeliconBot]) -> None:
    """Defer a reply that is always private."""
    await interaction.response.defer(thinking=True, ephemeral=True)


async def post_icon(
    interaction: discord.Interaction[MeliconBot], code: IconCode, *, asked: str | None = None, title: str | None = None
) -> None:
    """Draw `code` as the server means it, reply with it to a deferred `interaction`, and record it.

    `asked` is the user's input; `title` replaces it with trusted text. Raises DrawError, and discord.HTTPException if
    the message cannot be posted.
    """
    bot = interaction.client
    words, server = bot.words(interaction), await server_of(interaction)
    position_sent = await report_queue_position(interaction)
    drawing = await draw_within(bot.studio, server.styled(code), interaction.filesize_limit, interaction.user.id)
    text = caption(drawing, words, server.shown(drawing.pinned), code, asked, title=title)
    await store_code(bot.store, drawing.pinned)
    # an explicit style stays with the button; otherwise it uses the default style when pressed
    message = icon_message(drawing, words, text, style=code.style, asker_id=interaction.user.id)
    if position_sent:
        message["attachments"] = [message.pop("file")]
        await interaction.edit_original_response(**message)
    else:
        await interaction.followup.send(**message)
    await note(interaction, drawing)


async def note(
    interaction: discord.Interaction[MeliconBot], drawing: Drawing, *, instead_of: IconCode | None = None
) -> None:
    """Record a drawing for suggestions; `instead_of` is the code it replaces."""
    try:
        await interaction.client.store.drawn_icons.add(
            user_id=interaction.user.id,
            guild_id=interaction.guild_id,
            channel_id=interaction.channel_id,
            code=str(drawing.code),
            style=drawing.style,
            model=drawing.model,
            instead_of=str(instead_of) if instead_of else None,
        )
    except Exception:
        # the user has the picture; a failure to record it is not worth an error message
        log.exception("could not record icon %s", drawing.code)


async def report_queue_position(interaction: discord.Interaction[MeliconBot]) -> bool:
    """Tell the user the queue position if it is long; return whether a message was sent."""
    bot = interaction.client
    ahead = bot.studio.ahead(interaction.user.id)
    if ahead < MANY_AHEAD:
        return False
    try:
        await interaction.edit_original_response(content=bot.words(interaction)("queue.place", ahead=ahead))
    except discord.HTTPException:
        log.warning("could not report the queue position", exc_info=True)
        return False
    return True


async def draw_within(studio: Studio, code: IconCode, limit: int, owner: Hashable = None) -> Drawing:
    """Draw `code` at the usual size, or smaller to fit into `limit` bytes.

    Raises DrawError, and `Refusal` if even the smallest does not fit.
    """
    for size in (studio.size, *(s for s in _SMALLER if s < studio.size)):
        drawing = await studio.draw(code, size=size, owner=owner)
        if len(drawing.png) <= limit:
            return drawing
    raise Refusal("draw.too_big")


def caption(
    drawing: Drawing, words: Words, code: str, order: IconCode, asked: str | None, *, title: str | None = None
) -> str:
    """Return the caption of a picture of `order`, typed as `asked`; None: a random icon.

    `code` is what to type to see it again.
    """
    if title is not None:
        return words("icon.caption.word", asked=title, code=code, style=drawing.style)
    if asked is None:
        return words("icon.caption.hint", code=code, style=drawing.style)
    if same_code(asked, order):
        return words("icon.caption", code=code, style=drawing.style)
    return words("icon.caption.word", asked=quoted(asked), code=code, style=drawing.style)


def icon_message(
    drawing: Drawing,
    words: Words,
    text: str,
    *,
    style: str | None = None,
    asker_id: int | None = None,
    more: Sequence[PersistentItem] = (),
) -> dict[str, Any]:
    """Return the `send` arguments for a drawing; single use, like their files and views.

    `style` is the explicitly requested style, `asker_id` may delete the message besides moderators, `more` are extra
    buttons. Store a long code first (`bot.ui.code_keys`), or its buttons cannot read it.
    """
    picture = discord.File(
        io.BytesIO(drawing.png),
        drawing.filename,
        description=alt_text(drawing, words),
    )
    buttons = icon_buttons(drawing.pinned, words, style, asker_id)
    return {"content": text, "file": picture, "view": Buttons(*buttons, *more)}
