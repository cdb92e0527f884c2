"""The icon of the day on the fediverse: the same icon as on Discord, posted exactly once per local date.

The date is recorded after the post. A crash in between is possible, so the account's latest posts are checked for the
date first.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import date, timedelta

from bot.fediverse.account import Account, Post
from bot.fediverse.services import Services
from bot.fediverse.state import State
from bot.fediverse.text import plain
from bot.i18n import LANGUAGES
from bot.i18n.alt_text import alt_text
from bot.i18n.dates import long_date
from bot.localtime.due_dates import DAY, Schedule

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DailyOptions:
    """Options of the daily post."""

    schedule: Schedule
    catch_up: timedelta  # the longest delay
    language: str | None
    visibility: str


class FediverseDaily:
    """The daily post of one account."""

    def __init__(self, account: Account, services: Services, state: State, options: DailyOptions) -> None:
        self._account = account
        self._icons = services.icons
        self._studio = services.studio
        self._catalogues = services.catalogues
        self._state = state
        self._options = options
        self._clock = services.clock

    async def look(self) -> None:
        """Post the due icon, if any. Raises Unavailable, Refused and DrawError; the next call retries."""
        today = self._options.schedule.local_date(self._clock())
        for day in (today - DAY, today):  # yesterday's may have been due a minute before midnight
            if self._is_due(day):
                last = await self._state.last_date()
                if last is None or last < day:
                    await self._post(day)

    def _is_due(self, day: date) -> bool:
        schedule, now = self._options.schedule, self._clock()
        due = schedule.due(day)
        return due is not None and due <= now < schedule.deadline(day, due, self._options.catch_up)

    async def _post(self, day: date) -> None:
        if await self._is_posted(day):
            log.info("the icon of %s is posted already", day)
        else:
            words = self._catalogues.words(self._options.language)
            drawing = await self._icons.get(day)
            code = self._studio.shown(drawing.pinned)
            text = plain(words("daily.post", date=long_date(words, day), code=code, style=drawing.style))
            media = await self._account.upload(drawing.png, drawing.filename, alt_text(drawing, words))
            await self._account.post(
                Post(
                    text=text,
                    key=daily_key(self._account, day),
                    visibility=self._options.visibility,
                    language=words.language,
                    media_ids=(media,),
                )
            )
            log.info("posted the icon of %s", day)
        await self._state.note_date(day)

    async def _is_posted(self, day: date) -> bool:
        """Return whether one of the account's latest posts begins with the date, in any language."""
        marks = [long_date(self._catalogues.words(language), day) for language in LANGUAGES]
        return any(post.startswith(mark) for post in await self._account.own_posts() for mark in marks)


def daily_key(account: Account, day: date) -> str:
    """Return the idempotency key of a date's post."""
    return hashlib.sha256(f"melicon daily {account.id} {day.isoformat()}".encode()).hexdigest()
