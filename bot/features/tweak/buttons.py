"""🎛 Edits an icon step by step: a menu of axes, ◀ and ▶, and reset.

Every button carries the icon's code, and a press derives the next code from it. So concurrent presses are idempotent
and no session state is needed. Only the requester can edit the message; others get a private copy. A * after the
requester's id means that the icon is the result of a step: the next step replaces it among the recent icons, while the
session's first icon stays.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.access.cooldown import ORDER, SMALL
from bot.errors import Refusal
from bot.features.tweak.axes import called, changes, chosen_first, offered, standing
from bot.i18n.alt_text import alt_text
from bot.ui.code_keys import CODE, code_key, load_code, store_code
from bot.ui.code_options import refusal
from bot.ui.icon_button import IconButton
from bot.ui.icon_row import icon_buttons
from bot.ui.persistent_items import Buttons, PersistentItem, chosen
from bot.ui.posting import defer, defer_update, draw_within, note, report_queue_position
from bot.ui.server import server_of
from gan.codes import CodeError, IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words
    from gan.latent.edits import Setting

_MOST_OPTIONS = 25  # Discord's limits
_LABEL = 80
_OPTION = 100
_ALT = 1024
_ROWS = 2  # for the menu and the arrows, above the usual buttons
_WAYS = {"-": -1, "+": 1, "0": 0}
_ASKER = r"(?P<asker>[0-9a-f]{1,16})(?P<stepped>\*?)"


async def post_tweak(
    interaction: discord.Interaction[MeliconBot],
    code: IconCode,
    *,
    number: int | None = None,
    before: IconCode | None = None,
    stepped: bool = False,
    edit: bool = False,
    lead: str = "",
) -> None:
    """Reply to a deferred `interaction` with `code` and its edit controls, and record it.

    `number` is the chosen axis, `before` the code it was edited from, `stepped` whether that was a step's result too;
    `edit` changes the button's message instead; `lead` is a first line. Raises DrawError, `Refusal`, and
    discord.HTTPException.
    """
    bot = interaction.client
    words, server = bot.words(interaction), await server_of(interaction)
    position_sent = not edit and await report_queue_position(interaction)
    drawing = await draw_within(bot.studio, server.styled(code), interaction.filesize_limit, interaction.user.id)
    settings = await bot.studio.settings(drawing.pinned)
    if not settings:
        raise Refusal("tweak.cannot", style=drawing.style)
    number = number if number is not None and number < len(settings) else chosen_first(settings)
    await store_code(bot.store, drawing.pinned)
    changed = changes(settings, words)
    shown = server.shown(drawing.pinned)
    lines = [lead, changed or words("tweak.ask"), words("icon.caption", code=shown, style=drawing.style)]
    alt = words("tweak.alt", icon=alt_text(drawing, words), changes=changed) if changed else alt_text(drawing, words)
    picture = discord.File(io.BytesIO(drawing.png), drawing.filename, description=alt[:_ALT])
    message: dict[str, Any] = {
        "content": "\n".join(filter(None, lines)),
        "view": Buttons(
            *_controls(
                drawing.pinned,
                settings,
                number,
                words,
                asker_id=interaction.user.id,
                stepped=stepped or before not in {None, code},
            ),
            *_usual(drawing.pinned, words, server.unpin(drawing.pinned).style, interaction.user.id),
        ),
    }
    if before != code:
        # a session leaves one recent icon, not one for each step; recorded first, as the next step may come at once
        await note(interaction, drawing, instead_of=before.bare if before and before.tweaks and stepped else None)
    if edit or position_sent:
        await interaction.edit_original_response(attachments=[picture], **message)
    else:
        await interaction.followup.send(file=picture, **message)


def _controls(
    code: IconCode, settings: Sequence[Setting], number: int, words: Words, *, asker_id: int, stepped: bool
) -> list[PersistentItem]:
    """Return the menu and the arrows for a pinned `code` with axis `number` chosen."""
    key = code_key(code)
    ways = ("-", "+", "0") if code.tweaks else ("-", "+")
    arrows = [
        StepButton(asker_id, number, way, key, stepped=stepped, setting=settings[number], words=words) for way in ways
    ]
    return [AxisSelect(asker_id, key, settings, number, words, stepped=stepped), *arrows]


def _asker(asker_id: int, stepped: bool) -> str:
    """Return the custom id's part for the requester and whether the icon is a step's result."""
    return f"{asker_id:x}" + "*" * stepped


def _usual(code: IconCode, words: Words, style: str | None, asker_id: int) -> list[PersistentItem]:
    """Return the usual buttons for a pinned `code`, below the controls."""
    buttons = [button for button in icon_buttons(code, words, style, asker_id) if not isinstance(button, Tweak)]
    for button in buttons:
        button.row = (button.row or 0) + _ROWS
    return buttons


class Tweak(IconButton, template=rf"mel:v1:tweak:{CODE}"):
    """🎛 Posts the icon again with edit controls for the user who presses."""

    what, emoji, place = "tweak", "🎛️", 0

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Defer the reply."""
        await defer(interaction)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Post it."""
        await post_tweak(interaction, await self.code(interaction))


class _OfAsker(PersistentItem, template="(?!)"):
    """A button that edits its message for the requester, and sends others a copy."""

    asker_id: int
    key: str
    stepped: bool

    def cost_for(self, interaction: discord.Interaction[MeliconBot]) -> float:
        """Return the cost: steps are frequent and cheap, copies are not."""
        return SMALL if interaction.user.id == self.asker_id else ORDER

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Defer the reply or the update."""
        if interaction.user.id == self.asker_id:
            await defer_update(interaction)
        else:
            await defer(interaction, private=True)

    async def show(
        self, interaction: discord.Interaction[MeliconBot], number: int, code: IconCode, before: IconCode
    ) -> None:
        """Show `code` in the message, or in a private copy for other users."""
        mine = interaction.user.id == self.asker_id
        lead = "" if mine else interaction.client.words(interaction)("tweak.copy")
        stepped = mine and self.stepped
        await post_tweak(
            interaction, code, number=number, before=before if mine else None, stepped=stepped, edit=mine, lead=lead
        )


class AxisSelect(_OfAsker, template=rf"mel:v1:knob:{_ASKER}:{CODE}"):
    """The menu of edit axes."""

    def __init__(
        self,
        asker_id: int,
        key: str,
        settings: Sequence[Setting] = (),
        number: int = 0,
        words: Words | None = None,
        *,
        stepped: bool = False,
    ) -> None:
        self.asker_id, self.key, self.stepped = asker_id, key, stepped
        menu: ui.Select[Any] = ui.Select(custom_id=f"mel:v1:knob:{_asker(asker_id, stepped)}:{key}", row=0)
        if words is not None:
            menu.placeholder = words("tweak.placeholder")
            for n in offered(settings, number, _MOST_OPTIONS):
                axis = settings[n].axis
                menu.add_option(
                    label=called(axis, words)[:_OPTION],
                    value=str(n),
                    description=standing(axis, settings[n].at, words)[:_OPTION],
                    default=n == number,
                )
        super().__init__(menu)

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the menu from its custom id."""
        return cls(int(values["asker"] or "0", 16), values["code"] or "", stepped=bool(values["stepped"]))

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Select the axis for the arrows."""
        value = chosen(interaction)
        if not value.isdecimal() or len(value) > 3:
            raise Refusal("error.retired")
        code = await load_code(interaction.client.store, self.key)
        await self.show(interaction, int(value), code, code)


class StepButton(_OfAsker, template=rf"mel:v1:turn:{_ASKER}:(?P<number>[0-9]{{1,3}})(?P<way>[-+0]):{CODE}"):
    """◀ ▶ One step back or forward; ↩ reset."""

    def __init__(
        self,
        asker_id: int,
        number: int,
        way: str,
        key: str,
        *,
        stepped: bool = False,
        setting: Setting | None = None,
        words: Words | None = None,
    ) -> None:
        self.asker_id, self.number, self.way, self.key, self.stepped = asker_id, number, way, key, stepped
        button: ui.Button[Any] = ui.Button(
            emoji={"-": "◀️", "+": "▶️", "0": "↩️"}[way],
            custom_id=f"mel:v1:turn:{_asker(asker_id, stepped)}:{number}{way}:{key}",
            row=1,
        )
        if setting is not None and words is not None:
            button.label = _label(setting, way, words)[:_LABEL]
            button.disabled = way != "0" and setting.beside(_WAYS[way]) is None
            button.style = discord.ButtonStyle.secondary if way == "0" else discord.ButtonStyle.primary
        super().__init__(button)

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the button from its custom id."""
        return cls(
            int(values["asker"] or "0", 16),
            int(values["number"] or 0),
            values["way"] or "0",
            values["code"] or "",
            stepped=bool(values["stepped"]),
        )

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Take the step."""
        bot = interaction.client
        before = await load_code(bot.store, self.key)
        await self.show(interaction, self.number, await self._step(bot, before), before)

    async def _step(self, bot: MeliconBot, code: IconCode) -> IconCode:
        if self.way == "0":
            return code.untweaked
        settings = await bot.studio.settings(code)
        if self.number >= len(settings):
            raise Refusal("error.retired")
        try:
            return bot.studio.tweak(code, settings[self.number].axis.name, _WAYS[self.way])
        except CodeError as error:
            raise refusal(bot, error) from error


def _label(setting: Setting, way: str, words: Words) -> str:
    """Return an arrow's label: the value it leads to."""
    if way == "0":
        return words("button.untweak")
    beside = setting.beside(_WAYS[way])
    at = setting.at if beside is None else beside
    return words("tweak.to", what=called(setting.axis, words), value=standing(setting.axis, at, words))
