"""The exception that refuses a request."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - not an error: the request is declined
    """A request refused with a message: `key` in the catalogues, filled with `values`."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values
