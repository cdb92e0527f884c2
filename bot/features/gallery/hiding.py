"""🙈 Lets a server's moderators hide icons from its `/top`, and show them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.ui.code_keys import load_code, store_code
from bot.ui.persistent_items import Buttons, PersistentItem
from bot.ui.server import server_of
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words

    Interaction = discord.Interaction[MeliconBot]

TOP = 9  # icons in /top
IN_A_MENU = 25  # Discord's limit
_LABEL = 100  # Discord's limit on an option's label


class HideButton(PersistentItem, template="mel:v1:hide"):
    """🙈 below `/top`: opens the menu, for members who may manage messages."""

    cost = SMALL

    def __init__(self, label: str | None = None) -> None:
        super().__init__(ui.Button(emoji="🙈", label=label, custom_id="mel:v1:hide", row=1))

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:  # noqa: ARG003 - there are none
        """Build the button from its custom id."""
        return cls()

    async def acknowledge(self, interaction: Interaction) -> None:
        """Refuse members without permission."""
        check_moderator(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)

    async def press(self, interaction: Interaction) -> None:
        """Send the menu privately: the icons of `/top`, and those that are hidden."""
        bot = interaction.client
        words, guild_id = bot.words(interaction), interaction.guild_id or 0
        server = await server_of(interaction)
        best = await bot.store.favourites.top(guild_id, limit=TOP)
        hidden = await bot.store.hidden_icons.of_server(guild_id, limit=IN_A_MENU - len(best))
        shown = [IconCode.parse(icon.code).pinned(icon.style, icon.model) for icon, _ in best]
        codes = dict.fromkeys([*shown, *hidden])  # an icon that was hidden just now may be in both
        options = [(server.shown(code), await store_code(bot.store, code), code in hidden) for code in codes]
        if not options:
            raise Refusal("top.empty")
        text = words("hide.choose", top=words("command.top.name"))
        await interaction.followup.send(text, view=Buttons(HideMenu(options, words)), ephemeral=True)


class HideMenu(PersistentItem, template="mel:v1:hidden"):
    """The menu whose chosen icons are hidden."""

    cost = SMALL

    def __init__(self, options: Sequence[tuple[str, str, bool]] = (), words: Words | None = None) -> None:
        """Take each icon's (label, key, whether it is hidden)."""
        menu: ui.Select[Any] = ui.Select(custom_id="mel:v1:hidden", min_values=0, max_values=max(1, len(options)))
        if words is not None:
            menu.placeholder = words("hide.placeholder")
        for label, key, hidden in options:
            menu.add_option(label=label[:_LABEL], value=key, default=hidden)
        super().__init__(menu)

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:  # noqa: ARG003 - the menu's values say it all
        """Build the menu from its custom id."""
        return cls()

    async def acknowledge(self, interaction: Interaction) -> None:
        """Refuse members who no longer have permission."""
        check_moderator(interaction)
        await interaction.response.defer()

    async def press(self, interaction: Interaction) -> None:
        """Hide what is chosen and show the other icons of the menu."""
        bot = interaction.client
        words, guild_id = bot.words(interaction), interaction.guild_id or 0
        server = await server_of(interaction)
        chosen = set(interaction.data["values"])  # type: ignore[typeddict-item,index]  # the library types buttons only
        options = []
        for key in _offered(interaction.message):
            code = await load_code(bot.store, key)
            if code.style is None or code.model is None:
                raise Refusal("error.retired")
            change = bot.store.hidden_icons.hide if key in chosen else bot.store.hidden_icons.show
            await change(guild_id, str(code.bare), code.style, code.model)
            options.append((server.shown(code), key, key in chosen))
        count = await bot.store.hidden_icons.count(guild_id)
        text = words("hide.done", count=count, top=words("command.top.name")) if count else words("hide.none")
        await interaction.edit_original_response(content=text, view=Buttons(HideMenu(options, words)))


def check_moderator(interaction: Interaction) -> None:
    """Raise `Refusal` unless the member may manage messages in this server."""
    if interaction.guild_id is None or not interaction.permissions.manage_messages:
        raise Refusal("hide.not_allowed")


def _offered(message: discord.Message | None) -> list[str]:
    """The values of the menu in its message."""
    rows: Any = [] if message is None else message.components
    menus = [item for row in rows for item in getattr(row, "children", ()) if item.custom_id == "mel:v1:hidden"]
    return [option.value for menu in menus for option in menu.options]
