"""Icon codes inside custom_ids: as they are where they are short, under a key in the database where they are not.

The key of a long code is its hash, so it can be printed without asking the database; `store_code` sees to it that it
can be read again.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bot.errors import Refusal
from gan.codes import CodeError, IconCode

if TYPE_CHECKING:
    from bot.store import Store

# for the templates of buttons: an icon code, or the key of one
CODE = r"(?P<code>[0-9][a-z0-9_:x~@+-]{0,63}(?:/[a-z0-9_-]{1,32}(?:#[0-9a-f]{8})?)?|![0-9a-f]{16})"

_LONGEST = 64  # characters of a code that is printed as it is; Discord allows 100 for all of a custom_id


def code_key(code: IconCode) -> str:
    """Return `code` as a custom_id carries it, at most 64 characters: itself, or ``!`` and 16 hex digits."""
    text = str(code)
    return text if len(text) <= _LONGEST else "!" + hashlib.sha256(text.encode()).hexdigest()[:16]


async def store_code(store: Store, code: IconCode) -> str:
    """Return `code_key(code)`, which `load_code` will read from now on."""
    key = code_key(code)
    if key.startswith("!"):
        await store.remember_code(key[1:], str(code))
    return key


async def load_code(store: Store, key: str) -> IconCode:
    """Return the code of a key; raises `Refusal` where the database has lost it."""
    text = await store.remembered_code(key[1:]) if key.startswith("!") else key
    try:
        return IconCode.parse(text or "")
    except CodeError as error:
        raise Refusal("code.lost") from error
