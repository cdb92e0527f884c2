"""The buttons under icons and sheets, with the menus and forms they open: one file for each thing they do.

All carry what they need in their custom_id (see `bot.views`), and so work for anybody, any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.buttons.another import Another
from bot.buttons.deleting import Delete
from bot.buttons.exporting import Export
from bot.buttons.forgetting import Forget
from bot.buttons.gallery import Leaf, Rename, RenameForm, Unkeep
from bot.buttons.keeping import Keep
from bot.buttons.mixing import Mix, MixForm
from bot.buttons.sheets import Pick, Variations
from bot.buttons.sizes import SizeMenu, Sizes
from bot.buttons.tweaking import Choose, Turn, Tweak
from bot.codekeys import code_key

if TYPE_CHECKING:
    from bot.locales import Words
    from bot.views import Pressable
    from gan.codes import IconCode

PRESSABLES = (
    Another,
    Variations,
    Pick,
    Mix,
    Tweak,
    Turn,
    Choose,
    Keep,
    Sizes,
    SizeMenu,
    Delete,
    Leaf,
    Unkeep,
    Rename,
    Export,
    Forget,
)
FORMS = (MixForm, RenameForm)


def icon_buttons(code: IconCode, words: Words, style: str | None, asker_id: int | None) -> list[Pressable]:
    """Return the usual buttons below an icon, for a pinned `code`; `style` is the one that was asked for by name."""
    key = code_key(code)
    return [
        Another(style, words("button.another")),
        Variations(1, key, words("button.variations")),
        Mix(key, words("button.mix")),
        Tweak(key, words("button.tweak")),
        Keep(key, words("button.keep")),
        Sizes(key, words("button.sizes")),
        Delete(asker_id, words("button.delete")),
    ]
