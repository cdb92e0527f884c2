"""The row of buttons below every icon, of which each belongs to a feature; `bot.app` says which there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.ui.code_keys import code_key

if TYPE_CHECKING:
    from bot.i18n import Words
    from bot.ui.views import PersistentItem
    from gan.codes import IconCode


class RowButton(Protocol):
    """A kind of button that may stand below an icon."""

    @classmethod
    def below_icon(cls, key: str, words: Words, style: str | None, asker_id: int | None) -> PersistentItem:
        """Make the button for the icon whose pinned code has the key `key` (see `bot.ui.code_keys`).

        `style` is the one that was asked for by name, `asker_id` who asked.
        """
        ...


_kinds: list[type[RowButton]] = []


def fill(*kinds: type[RowButton]) -> None:
    """Put these kinds of buttons into the row, in this order, and no others."""
    _kinds[:] = kinds


def icon_buttons(code: IconCode, words: Words, style: str | None, asker_id: int | None) -> list[PersistentItem]:
    """Return the buttons below an icon, for a pinned `code`."""
    key = code_key(code)
    return [kind.below_icon(key, words, style, asker_id) for kind in _kinds]
