"""A least-recently-used cache, bounded by the total `len` of its values."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sized
from typing import Generic, TypeVar

V = TypeVar("V", bound=Sized)


class ByteCache(Generic[V]):
    """An LRU cache of at most `limit` bytes; a limit of 0 disables it."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0  # bytes in the cache
        self._values: OrderedDict[Hashable, V] = OrderedDict()

    def get(self, key: Hashable) -> V | None:
        """Return the value of `key` and mark it as most recently used."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: Hashable, value: V) -> None:
        """Store `value`, evicting the least recently used; a value over the limit is not stored."""
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
