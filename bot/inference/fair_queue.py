"""A fair queue: owners are served round-robin, so one owner's many requests do not delay others."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Generic, TypeVar

_Item = TypeVar("_Item")


class FairQueue(Generic[_Item]):
    """Items by owner. Each `take` serves the owner least recently served."""

    def __init__(self) -> None:
        self._owners: OrderedDict[Hashable, deque[_Item]] = OrderedDict()  # next owner first

    def __len__(self) -> int:
        return sum(map(len, self._owners.values()))

    def put(self, owner: Hashable, item: _Item) -> None:
        """Append an item to its owner's queue."""
        self._owners.setdefault(owner, deque()).append(item)

    def peek(self) -> _Item:
        """Return the next item; raises IndexError if empty."""
        for items in self._owners.values():
            return items[0]
        raise IndexError("nobody waits")

    def take(self) -> _Item:
        """Remove and return the next item; raises IndexError if empty."""
        item = self.peek()
        owner, items = self._owners.popitem(last=False)
        items.popleft()
        if items:
            self._owners[owner] = items  # to the end of the rotation
        return item

    def ahead(self, owner: Hashable) -> int:
        """Return how many items precede a new one of the owner."""
        own = len(self._owners.get(owner, ()))
        return own + sum(min(len(items), own + 1) for other, items in self._owners.items() if other != owner)
