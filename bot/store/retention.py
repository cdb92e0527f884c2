"""Deletes rows that nobody needs any more, so that no table grows without bound.

Each table either has a rule here or is bounded otherwise (`BOUNDED`). Rows are examined in batches by primary key,
which needs no further index, and deleted in short transactions, so other processes hardly wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, inspect, select, true
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.models import (
    Base,
    DailyPost,
    DailySubscription,
    DrawnIcon,
    LongCode,
    MonthlyPost,
    RetrainJob,
    ServerIcon,
)
from bot.store.retrain_jobs import OPEN
from bot.store.sessions import Sessions

BATCH = 200  # rows of a transaction
_PAUSE = 0.05  # seconds after each deletion, for other writers


@dataclass(frozen=True)
class Rule:
    """Which rows of a table are deleted, and when."""

    table: type[Base]
    since: Any  # the column with the time from which a row's age counts; rows without one are kept
    keep: timedelta
    only: ColumnElement[bool]


RULES = (
    Rule(DrawnIcon, DrawnIcon.drawn_at, timedelta(days=180), true()),  # for suggestions
    Rule(DailyPost, DailyPost.due_at, timedelta(days=400), true()),  # with its stars: `/daily best` shows a year
    Rule(DailySubscription, DailySubscription.paused_at, timedelta(days=400), true()),
    Rule(MonthlyPost, MonthlyPost.requested_at, timedelta(days=400), true()),
    Rule(ServerIcon, ServerIcon.wanted_at, timedelta(days=400), true()),  # unchanged for so long, or not restorable
    Rule(LongCode, LongCode.used_at, timedelta(days=400), true()),  # buttons unused for so long are lost
    Rule(RetrainJob, RetrainJob.ended_at, timedelta(days=400), RetrainJob.state.not_in(OPEN)),
)
BOUNDED = {
    "daily_icons": "one row a date, about 3 KB",
    "daily_stars": "deleted with their posts",
    "hidden_icons": "bot.store.hidden_icons.MOST_HIDDEN for each server",
    "kept_icons": "bot.store.favourites.MOST_FAVOURITES for each user",
    "key_values": "a fixed set of keys",
    "server_settings": "one row for each server",
}


class Retention:
    """Applies `RULES`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def prune(self, now: datetime, should_stop: Callable[[], bool] = lambda: False) -> dict[str, int]:
        """Delete what is out of date at `now`; return the number of deleted rows by table, without zeros."""
        counts = {rule.table.__tablename__: await self._apply(rule, now, should_stop) for rule in RULES}
        return {table: count for table, count in counts.items() if count}

    async def _apply(self, rule: Rule, now: datetime, should_stop: Callable[[], bool]) -> int:
        [key] = inspect(rule.table).primary_key
        old = (rule.since < now - rule.keep) & rule.only
        query = select(key, old).order_by(key).limit(BATCH)
        deleted, step = 0, query
        while not should_stop():
            async with self._sessions.read() as session:
                rows = (await session.execute(step)).all()
            if not rows:
                break
            step = query.where(key > rows[-1][0])
            if found := [value for value, is_old in rows if is_old]:
                async with self._sessions.write.begin() as session:
                    gone = delete(rule.table).where(key.in_(found), old).returning(key)  # `old`: changed since
                    deleted += len((await session.execute(gone)).all())
                await asyncio.sleep(_PAUSE)
        return deleted
