"""What the bot raises to turn a request down."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - no error: the bot says no
    """A request that is politely turned down: `key` names the message in the catalogues, `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values
