"""What the account must remember across restarts: the mentions that are settled, and the date of the last post."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, timedelta

from bot.store import Store


class State:
    """Kept in the database, for each account on its own."""

    def __init__(self, store: Store, account: str) -> None:
        """`account`: what tells it from others, such as its server and id."""
        self._store = store
        self._key = f"fediverse.{hashlib.sha256(account.encode()).hexdigest()[:16]}"
        self._settled: dict[str, float] = {}  # status id -> when it was asked, in seconds since 1970

    async def load(self) -> None:
        """Read what an earlier process has noted."""
        self._settled = json.loads(await self._store.get(f"{self._key}.settled") or "{}")

    def is_settled(self, status_id: str) -> bool:
        """Whether nothing more is to be done about a mention."""
        return status_id in self._settled

    async def settle(self, status_id: str, at: datetime, keep: timedelta) -> None:
        """Note that nothing more is to be done about a mention; those older than `keep` before it are forgotten."""
        oldest = (at - keep).timestamp()
        self._settled = {key: when for key, when in self._settled.items() if when >= oldest}
        self._settled[status_id] = at.timestamp()
        await self._store.put(f"{self._key}.settled", json.dumps(self._settled))

    async def last_date(self) -> date | None:
        """Return the date whose icon was posted last."""
        noted = await self._store.get(f"{self._key}.daily")
        return date.fromisoformat(noted) if noted else None

    async def note_date(self, day: date) -> None:
        """Note that the icon of a date is posted."""
        await self._store.put(f"{self._key}.daily", day.isoformat())
