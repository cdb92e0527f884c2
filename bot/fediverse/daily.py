"""The icon of the day on the fediverse: the same as on Discord, posted exactly once a local date.

A date is noted in the database after its post. Before each post, the account's latest posts are looked at: one with
the date in it counts, so that a crash between posting and noting makes no second one.
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
from bot.localtime.schedule import DAY, Schedule

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DailyOptions:
    """When and how it is posted."""

    schedule: Schedule
    catch_up: timedelta  # how late it may be
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
        """Post what is due by now. Raises Unavailable, Refused and DrawError; the next look tries again."""
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
        """Whether one of the account's latest posts has the date in it, in any language."""
        marks = [long_date(self._catalogues.words(language), day) for language in LANGUAGES]
        return any(post.startswith(mark) for post in await self._account.own_posts() for mark in marks)


def daily_key(account: Account, day: date) -> str:
    """Return the key by which a server knows the post of a date, the same for every attempt."""
    return hashlib.sha256(f"melicon daily {account.id} {day.isoformat()}".encode()).hexdigest()
