"""Answers mentions, each exactly once across crashes and lost connections.

A mention is marked as handled after its reply is posted. A crash in between is possible, so mentions found at startup
and retries first check the thread for a reply. In addition, replies have an idempotency key.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.access.token_bucket import TokenBuckets
from bot.fediverse.account import PAGE, Account, Mention, Post, Refused, Unavailable
from bot.fediverse.replies import Replies
from bot.fediverse.state import State
from bot.fediverse.text import wants_no_bots
from bot.inference import StudioClosed

log = logging.getLogger(__name__)

FRESH = timedelta(days=1)  # older mentions are ignored
KEEP = 2 * FRESH  # how long a handled mention is stored
_MOST_PAGES = 25
_MOST_FAILURES = 3  # unexpected errors per mention
_PAUSE, _LONGEST_PAUSE = 5.0, 1800.0  # seconds of the exponential backoff


@dataclass(slots=True)
class _Open:
    """A mention to answer."""

    mention: Mention
    unsure: bool  # it may have a reply already
    attempts: int = 0
    failures: int = 0
    not_before: float = 0.0


class Mentions:
    """The mentions of one account."""

    def __init__(
        self,
        account: Account,
        replies: Replies,
        state: State,
        *,
        burst: int,
        seconds: float,
        clock: Callable[[], datetime],
        leaving: Callable[[], bool] = lambda: False,
    ) -> None:
        """`burst`, `seconds`: the rate limit of each author; `leaving`: whether a shutdown is pending."""
        self._account = account
        self._replies = replies
        self._state = state
        self._clock = clock
        self._leaving = leaving
        # rate limits use the time of the mention: after an outage, many arrive at once
        self._asked = 0.0
        self._cooldown = TokenBuckets(burst, seconds, clock=lambda: self._asked)
        self._open: dict[str, _Open] = {}
        self._looked = False

    async def look(self) -> None:
        """Fetch and answer mentions. Raises `Unavailable`; the next call retries."""
        await self._collect()
        now = time.monotonic()
        for entry in sorted(self._open.values(), key=lambda entry: (entry.mention.at, entry.mention.id)):
            if entry.not_before <= now and not self._leaving():
                await self._take(entry)

    async def _collect(self) -> None:
        """Queue new mentions; at startup, all of the last day."""
        before, found = None, []
        for _ in range(_MOST_PAGES):
            page = await self._account.mentions(before)
            fresh = [mention for mention in page if self._clock() - mention.at < FRESH]
            new = [m for m in fresh if m.status_id not in self._open and not self._state.is_settled(m.status_id)]
            found += new
            is_last = len(page) < PAGE or len(fresh) < len(page) or (self._looked and len(new) < len(page))
            if is_last:
                break
            before = page[-1].id
        for mention in found:
            self._open[mention.status_id] = _Open(mention, unsure=not self._looked)
        self._looked = True

    async def _take(self, entry: _Open) -> None:
        mention = entry.mention
        try:
            if self._ignored(entry):
                log.debug("ignored the mention %s", mention.status_id)
            elif (entry.unsure or entry.attempts) and await self._account.has_replied(mention.status_id):
                log.info("the mention %s has a reply already", mention.status_id)
            else:
                entry.attempts += 1
                await self._answer(mention)
        except Unavailable as error:
            self._postpone(entry, error.wait)
            raise
        except StudioClosed:
            return  # answered after the restart
        except Refused as error:
            # for example a deleted post, or an author who blocks the account
            log.info("the mention %s cannot be answered: %s", mention.status_id, error)
        except Exception:
            log.exception("answering the mention %s failed", mention.status_id)
            entry.failures += 1
            if entry.failures < _MOST_FAILURES:
                self._postpone(entry, None)
                return
        del self._open[mention.status_id]
        await self._state.settle(mention.status_id, mention.at, KEEP)

    def _ignored(self, entry: _Open) -> bool:
        mention = entry.mention
        if self._clock() - mention.at >= FRESH or mention.author_id == self._account.id or mention.author_is_bot:
            return True
        if wants_no_bots(mention.author_profile):
            return True
        if entry.attempts or entry.failures:
            return False  # charged already
        self._asked = max(self._asked, mention.at.timestamp())
        return self._cooldown.take(mention.author_id) > 0

    def _postpone(self, entry: _Open, wait: float | None) -> None:
        pause = min(_PAUSE * 2 ** min(entry.attempts + entry.failures, 10), _LONGEST_PAUSE)
        entry.unsure = True
        entry.not_before = time.monotonic() + (pause if wait is None else wait)

    async def _answer(self, mention: Mention) -> None:
        reply = await self._replies.make(mention)
        picture = reply.picture
        media = (await self._account.upload(picture.png, picture.name, picture.alt),) if picture else ()
        post = Post(
            text=reply.text,
            key=reply_key(mention.status_id),
            visibility=mention.visibility,
            language=reply.language,
            media_ids=media,
            reply_to=mention.status_id,
            spoiler=mention.spoiler,
            sensitive=mention.sensitive,
        )
        await self._account.post(post)


def reply_key(status_id: str) -> str:
    """Return the idempotency key of the reply to a post."""
    return hashlib.sha256(f"melicon reply {status_id}".encode()).hexdigest()
