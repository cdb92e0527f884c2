"""The fair queue serves owners round-robin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.inference.fair_queue import FairQueue


def test_one_who_asks_for_much_does_not_keep_others_waiting() -> None:
    queue: FairQueue[str] = FairQueue()
    for n in range(4):
        queue.put("greedy", f"g{n}")
    queue.put("modest", "m0")
    queue.put("late", "l0")
    assert queue.ahead("nobody yet") == 3, "one of each goes first"
    assert queue.ahead("greedy") == 6
    assert [queue.take() for _ in range(len(queue))] == ["g0", "m0", "l0", "g1", "g2", "g3"]
    for look in (queue.take, queue.peek):
        with pytest.raises(IndexError):
            look()


@given(st.lists(st.integers(0, 3)), st.integers(0, 4))
def test_nothing_is_lost_and_nobody_waits_longer_than_told(asked: list[int], owner: int) -> None:
    queue: FairQueue[tuple[int, int]] = FairQueue()
    for n, who in enumerate(asked):
        queue.put(who, (who, n))
    ahead = queue.ahead(owner)
    last = (owner, len(asked))
    queue.put(owner, last)
    taken = [queue.take() for _ in range(len(queue))]
    assert sorted(taken) == sorted([*((who, n) for n, who in enumerate(asked)), last])
    for who in range(5):
        own = [n for other, n in taken if other == who]
        assert own == sorted(own), "each one's own in the order they came"
    # one who waited before may be a turn earlier
    assert taken.index(last) <= ahead
