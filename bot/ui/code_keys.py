"""Icon codes in custom ids: short codes verbatim, long ones by a database key.

A long code's key is its hash, so it needs no lookup to build; `store_code` makes it readable.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bot.errors import Refusal
from gan.codes import CodeError, IconCode

if TYPE_CHECKING:
    from bot.store import Store

# for custom id templates: an icon code or its key
CODE = r"(?P<code>[0-9][a-z0-9_:x~@+-]{0,63}(?:/[a-z0-9_-]{1,32}(?:#[0-9a-f]{8})?)?|![0-9a-f]{16})"

_LONGEST = 64  # longest verbatim code; Discord limits the whole custom id to 100


def code_key(code: IconCode) -> str:
    """Return `code` for a custom id, at most 64 characters: verbatim, or ``!`` and 16 hex digits."""
    text = str(code)
    return text if len(text) <= _LONGEST else "!" + hashlib.sha256(text.encode()).hexdigest()[:16]


async def store_code(store: Store, code: IconCode) -> str:
    """Return `code_key(code)`, stored for `load_code`."""
    key = code_key(code)
    if key.startswith("!"):
        await store.long_codes.remember(key[1:], str(code))
    return key


async def load_code(store: Store, key: str) -> IconCode:
    """Return the code of a key; raises `Refusal` if it is unknown."""
    text = await store.long_codes.find(key[1:]) if key.startswith("!") else key
    try:
        return IconCode.parse(text or "")
    except CodeError as error:
        raise Refusal("code.lost") from error
