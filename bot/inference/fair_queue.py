"""A queue in which those who ask take turns: one who asks for much does not keep the others waiting."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Generic, TypeVar

_Item = TypeVar("_Item")


class FairQueue(Generic[_Item]):
    """Items by owner. Each turn takes the oldest item of the owner who has waited for a turn the longest."""

    def __init__(self) -> None:
        self._owners: OrderedDict[Hashable, deque[_Item]] = OrderedDict()  # the next one first

    def __len__(self) -> int:
        return sum(map(len, self._owners.values()))

    def put(self, owner: Hashable, item: _Item) -> None:
        """Add an item behind the owner's others."""
        self._owners.setdefault(owner, deque()).append(item)

    def peek(self) -> _Item:
        """Return the item whose turn it is; raises IndexError where there is none."""
        for items in self._owners.values():
            return items[0]
        raise IndexError("nobody waits")

    def take(self) -> _Item:
        """Remove the item whose turn it is and return it; raises IndexError where there is none."""
        item = self.peek()
        owner, items = self._owners.popitem(last=False)
        items.popleft()
        if items:
            self._owners[owner] = items  # behind the others
        return item

    def ahead(self, owner: Hashable) -> int:
        """Return how many items would be taken before one that the owner added now."""
        own = len(self._owners.get(owner, ()))
        return own + sum(min(len(items), own + 1) for other, items in self._owners.items() if other != owner)
