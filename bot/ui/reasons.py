"""Why a picture was refused, in the user's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gan.dataset.reasons import Reason

if TYPE_CHECKING:
    from bot.i18n import Words

# codes that share a message
_MESSAGES = {"special": "link", "unpacked": "heavy", "hidden": "flood", "unreadable": "damaged"}


def reason_in(words: Words, reason: object) -> str:
    """Return a reason in the language of `words`; a text without a code stays as it is."""
    if not isinstance(reason, Reason):
        return str(reason)
    return words(f"picture.{_MESSAGES.get(reason.code, reason.code)}", **reason.values)
