"""How an icon is posted: one path for slash commands, buttons and the bot's own messages."""

from __future__ import annotations

import io
import logging
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import discord

from bot.errors import Refusal
from bot.i18n.alt_text import alt_text
from bot.inference import Drawing, Studio
from bot.ui.code_keys import store_code
from bot.ui.icon_row import icon_buttons
from bot.ui.text import quoted, same_code
from bot.ui.views import Buttons
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words
    from bot.ui.views import PersistentItem

log = logging.getLogger(__name__)

_SMALLER = (256, 128, 64)  # sizes tried where the picture is over the upload limit
# Discord's limit for the smallest servers, for messages that answer no interaction
DEFAULT_LIMIT = 10 * 2**20
MANY_AHEAD = 60  # icons: some two seconds of one core


async def defer(interaction: discord.Interaction[MeliconBot], *, private: bool = False) -> None:
    """Take an order, which is charged already: "thinking…" appears at once, for the user alone if `private`."""
    await interaction.response.defer(thinking=True, ephemeral=private)


async def defer_update(interaction: discord.Interaction[MeliconBot]) -> None:
    """Take an order that changes the message it stands under, which stays as it is for now."""
    await interaction.response.defer()


async def defer_ephemeral(interaction: discord.Interaction[MeliconBot]) -> None:
    """Take an order whose answer is for the asker's eyes alone, whatever it will be."""
    await interaction.response.defer(thinking=True, ephemeral=True)


async def post_icon(
    interaction: discord.Interaction[MeliconBot], code: IconCode, *, asked: str | None = None, title: str | None = None
) -> None:
    """Draw `code`, post it in answer to an accepted `interaction`, and note it.

    `asked` is what the user typed; `title`, safe text of ours, says in its place what the icon is of.
    Raises DrawError, and discord.HTTPException where the message cannot be posted.
    """
    bot = interaction.client
    words = bot.words(interaction)
    told = await report_queue_position(interaction)
    drawing = await draw_within(bot.studio, code, interaction.filesize_limit, interaction.user.id)
    text = caption(drawing, words, bot.studio.shown(drawing.pinned), code, asked, title=title)
    await store_code(bot.store, drawing.pinned)
    # the style the user named stays with the button; else it is whatever is in use when it is pressed
    message = icon_message(drawing, words, text, style=code.style, asker_id=interaction.user.id)
    if told:
        message["attachments"] = [message.pop("file")]
        await interaction.edit_original_response(**message)
    else:
        await interaction.followup.send(**message)
    await note(interaction, drawing)


async def note(
    interaction: discord.Interaction[MeliconBot], drawing: Drawing, *, instead_of: IconCode | None = None
) -> None:
    """Note that a drawing was posted to the user, for suggestions; `instead_of` is what it has grown from."""
    try:
        await interaction.client.store.add_drawn(
            user_id=interaction.user.id,
            guild_id=interaction.guild_id,
            channel_id=interaction.channel_id,
            code=str(drawing.code),
            style=drawing.style,
            model=drawing.model,
            instead_of=str(instead_of) if instead_of else None,
        )
    except Exception:
        # the user has the picture; that it will be missing from the suggestions is no reason to apologise
        log.exception("icon %s could not be noted", drawing.code)


async def report_queue_position(interaction: discord.Interaction[MeliconBot]) -> bool:
    """Say in an accepted `interaction` how many icons come first, where that is many; return whether it was said."""
    bot = interaction.client
    ahead = bot.studio.ahead(interaction.user.id)
    if ahead < MANY_AHEAD:
        return False
    try:
        await interaction.edit_original_response(content=bot.words(interaction)("queue.place", ahead=ahead))
    except discord.HTTPException:
        log.warning("the place in the queue could not be told", exc_info=True)
        return False
    return True


async def draw_within(studio: Studio, code: IconCode, limit: int, owner: Hashable = None) -> Drawing:
    """Draw `code` at the usual size, or smaller where its file would have more than `limit` bytes.

    Raises DrawError, and `Refusal` where even the smallest does not fit.
    """
    for size in (studio.size, *(s for s in _SMALLER if s < studio.size)):
        drawing = await studio.draw(code, size=size, owner=owner)
        if len(drawing.png) <= limit:
            return drawing
    raise Refusal("draw.too_big")


def caption(
    drawing: Drawing, words: Words, code: str, order: IconCode, asked: str | None, *, title: str | None = None
) -> str:
    """Return the line above a picture of `order`, which a person wrote as `asked`; None: it was left to chance.

    `code` is what one types to see it again.
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
    """Return the arguments of `send` for a drawing; used once, as files and views are.

    `style` is the one that was asked for by name, `asker_id` who may delete the message besides moderators, `more`
    are buttons beside the usual ones. A code of any length but a seed's is to be held first (see `bot.ui.code_keys`),
    or its buttons may not know it.
    """
    picture = discord.File(
        io.BytesIO(drawing.png),
        drawing.filename,
        description=alt_text(drawing, words),
    )
    buttons = icon_buttons(drawing.pinned, words, style, asker_id)
    return {"content": text, "file": picture, "view": Buttons(*buttons, *more)}
