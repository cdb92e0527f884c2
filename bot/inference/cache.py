"""A least-recently-used cache of byte strings, or what has their `len`, bounded by the sum of their lengths."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sized
from typing import Generic, TypeVar

V = TypeVar("V", bound=Sized)


class ByteCache(Generic[V]):
    """Keeps the values that were used last, at most `limit` bytes of them; a limit of 0 keeps nothing."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0  # bytes kept now
        self._values: OrderedDict[Hashable, V] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        """Return the value of `key`, which thereby becomes the last to go."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: Hashable, value: V) -> None:
        """Keep `value`, and let go of what was not used for longest; a value over the limit is not kept."""
        if key in self._values:
            self.size -= len(self._values.pop(key))
        if len(value) > self.limit:
            return
        self._values[key] = value
        self.size += len(value)
        while self.size > self.limit:
            _, oldest = self._values.popitem(last=False)
            self.size -= len(oldest)

    def __len__(self) -> int:
        return len(self._values)
