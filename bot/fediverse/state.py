"""State that survives restarts: the handled mentions and the date of the last daily post."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, timedelta

from bot.store import Store

MOST = 5_000  # mentions; all of them are written with each one


class State:
    """The state of one account, in the database."""

    def __init__(self, store: Store, account: str) -> None:
        """`account`: a unique name, such as its server and id."""
        self._store = store
        self._key = f"fediverse.{hashlib.sha256(account.encode()).hexdigest()[:16]}"
        self._settled: dict[str, float] = {}  # status id -> its time, seconds since 1970

    async def load(self) -> None:
        """Load the state of earlier processes."""
        self._settled = json.loads(await self._store.get(f"{self._key}.settled") or "{}")

    def is_settled(self, status_id: str) -> bool:
        """Return whether a mention is handled."""
        return status_id in self._settled

    async def settle(self, status_id: str, at: datetime, keep: timedelta) -> None:
        """Mark a mention as handled; drop entries older than `keep` before it, and the oldest beyond `MOST`."""
        oldest = (at - keep).timestamp()
        self._settled = {key: when for key, when in self._settled.items() if when >= oldest}
        self._settled[status_id] = at.timestamp()
        if len(self._settled) > MOST:
            newest = sorted(self._settled, key=self._settled.__getitem__)[-MOST:]
            self._settled = {key: self._settled[key] for key in newest}
        await self._store.put(f"{self._key}.settled", json.dumps(self._settled))

    async def last_date(self) -> date | None:
        """Return the date of the last daily post."""
        noted = await self._store.get(f"{self._key}.daily")
        return date.fromisoformat(noted) if noted else None

    async def note_date(self, day: date) -> None:
        """Record the daily post of a date."""
        await self._store.put(f"{self._key}.daily", day.isoformat())
