"""The row of buttons below every icon; `bot.app` registers the features' buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.ui.code_keys import code_key

if TYPE_CHECKING:
    from bot.i18n import Words
    from bot.ui.persistent_items import PersistentItem
    from gan.codes import IconCode


class RowButton(Protocol):
    """A kind of button below icons."""

    @classmethod
    def below_icon(cls, key: str, words: Words, style: str | None, asker_id: int | None) -> PersistentItem:
        """Build the button for the icon whose pinned code has the key `key` (see `bot.ui.code_keys`).

        `style` is the explicitly requested style, `asker_id` the requester.
        """
        ...


_kinds: list[type[RowButton]] = []


def fill(*kinds: type[RowButton]) -> None:
    """Set the row's buttons, in order."""
    _kinds[:] = kinds


def icon_buttons(code: IconCode, words: Words, style: str | None, asker_id: int | None) -> list[PersistentItem]:
    """Return the buttons for a pinned `code`."""
    key = code_key(code)
    return [kind.below_icon(key, words, style, asker_id) for kind in _kinds]
