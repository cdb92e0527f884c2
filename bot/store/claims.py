"""Claims (leases) on daily posts: let many processes post exactly once.

A row of `daily_posts` is unique for (server, local date). Whoever inserts it makes the first attempt and holds the
lease until `wake_at`. After that, any process may claim the next attempt, and results of earlier attempts are ignored,
except success.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.store.models import DailyPost, DailySubscription
from bot.store.monthly_posts import request_month
from bot.store.server_icons import request_icon
from bot.store.sessions import Sessions

CLAIMED, POSTED, MISSED = "claimed", "posted", "missed"
_LONGEST = 200  # longest stored error or reason


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do for a due subscription."""

    date: dt.date | None  # the local date to post, if any
    due_at: datetime | None
    deadline: datetime | None
    next_date: dt.date
    next_at: datetime | None  # None: never (unknown time zone)
    missed: tuple[dt.date, ...] = ()  # dates missed by all processes


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease for one attempt at a post, until `lease`."""

    id: int
    guild_id: int
    date: dt.date
    channel_id: int  # the channel of earlier attempts
    due_at: datetime
    deadline: datetime
    lease: datetime
    attempt: int
    error: str | None  # Discord's response to the last attempt
    subscription: DailySubscription | None  # None: unsubscribed since


Planner = Callable[[DailySubscription], Plan]


class Claims:
    """The claims, shared by all processes of the database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def take_due(self, now: datetime, lease: datetime, limit: int, plan: Planner) -> list[Claim]:
        """Claim up to `limit` due posts, longest overdue first.

        `plan` decides for each subscription, which is advanced to its next date in the same transaction.
        """
        due = (
            select(DailySubscription)
            .where(DailySubscription.next_at <= now)
            .order_by(DailySubscription.next_at, DailySubscription.guild_id)
            .limit(limit)
            .with_for_update(skip_locked=True)  # another process handles the others (SQLite allows one writer)
        )
        async with self._sessions.write.begin() as session:
            subscriptions = list(await session.scalars(due))
            plans = [(subscription, plan(subscription)) for subscription in subscriptions]
            wanted = [(s.guild_id, p.date) for s, p in plans if p.date is not None]
            query = select(DailyPost.guild_id, DailyPost.date).where(
                tuple_(DailyPost.guild_id, DailyPost.date).in_(wanted)
            )
            taken = {(guild, day) for guild, day in await session.execute(query)} if wanted else set()
            fresh = []
            for subscription, step in plans:
                subscription.next_date, subscription.next_at = step.next_date, step.next_at
                if step.date is not None and (subscription.guild_id, step.date) not in taken:
                    fresh.append((_new_post(subscription, step, lease), subscription))
            session.add_all([post for post, _ in fresh])
            await session.flush()
            return [_claim(post, subscription) for post, subscription in fresh]

    async def reclaim(self, now: datetime, lease: datetime, limit: int) -> list[Claim]:
        """Claim posts whose last attempt failed or whose lease has expired."""
        stale = (
            select(DailyPost)
            .where(DailyPost.state == CLAIMED, DailyPost.wake_at <= now)
            .order_by(DailyPost.wake_at, DailyPost.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with self._sessions.write.begin() as session:
            posts = list(await session.scalars(stale))
            for post in posts:
                post.wake_at = lease
                post.attempt += 1
            guilds = select(DailySubscription).where(DailySubscription.guild_id.in_([p.guild_id for p in posts]))
            owners = {s.guild_id: s for s in await session.scalars(guilds)} if posts else {}
            await session.flush()
            return [_claim(post, owners.get(post.guild_id)) for post in posts]

    async def move(self, claim: Claim, channel_id: int) -> None:
        """Record that this attempt uses another channel than earlier ones."""
        async with self._sessions.write.begin() as session:
            await session.execute(_attempt(claim).values(channel_id=channel_id))

    async def posted(self, claim: Claim, message_id: int | None, now: datetime) -> None:
        """Record a post as sent (`message_id` None: and deleted since), and ask for what follows it."""
        async with self._sessions.write.begin() as session:
            # by whichever attempt
            row = update(DailyPost).where(DailyPost.id == claim.id, DailyPost.state != POSTED)
            row = row.values(state=POSTED, message_id=message_id, posted_at=now, error=None)
            first = (await session.execute(row.returning(DailyPost.id))).first() is not None
            subscription = await session.get(DailySubscription, claim.guild_id)
            if first and subscription is not None and subscription.server_icon:
                await request_icon(session, claim.guild_id, claim.date, now)
            if first and subscription is not None and subscription.monthly:
                await request_month(session, claim.guild_id, subscription.channel_id, claim.date, now)
            guild = update(DailySubscription).where(
                DailySubscription.guild_id == claim.guild_id, DailySubscription.failed_days > 0
            )
            await session.execute(guild.values(failed_days=0))

    async def retry(self, claim: Claim, at: datetime, error: str | None) -> None:
        """Release the claim until `at`, with Discord's error (None: not the channel's fault)."""
        async with self._sessions.write.begin() as session:
            await session.execute(_attempt(claim).values(wake_at=at, error=error and error[:_LONGEST]))

    async def missed(self, claim: Claim, now: datetime, *, pause_after: int) -> DailySubscription | None:
        """Record a post as missed.

        After `pause_after` consecutive days missed through the channel's fault, pause the subscription and return it,
        to exactly one process.
        """
        async with self._sessions.write.begin() as session:
            closed = await session.execute(_attempt(claim).values(state=MISSED).returning(DailyPost.id))
            if closed.first() is None or claim.error is None:
                return None
            subscription = await session.get(DailySubscription, claim.guild_id, with_for_update=True)
            if subscription is None or subscription.paused_at is not None:
                return None
            subscription.failed_days += 1
            if subscription.failed_days < pause_after:
                return None
            _pause(subscription, now, claim.error)
            return subscription

    async def find(self, guild_id: int, day: dt.date) -> DailyPost | None:
        """Return a server's post of a date."""
        async with self._sessions.read() as session:
            return await _find(session, guild_id, day)

    async def latest(self, guild_id: int) -> DailyPost | None:
        """Return a server's latest sent post."""
        query = select(DailyPost).where(DailyPost.guild_id == guild_id, DailyPost.state == POSTED)
        async with self._sessions.read() as session:
            return await session.scalar(query.order_by(DailyPost.date.desc()).limit(1))


def _new_post(subscription: DailySubscription, plan: Plan, lease: datetime) -> DailyPost:
    return DailyPost(
        guild_id=subscription.guild_id,
        date=plan.date,
        channel_id=subscription.channel_id,
        state=CLAIMED,
        due_at=plan.due_at,
        deadline=plan.deadline,
        wake_at=lease,
        attempt=1,
    )


def _claim(post: DailyPost, subscription: DailySubscription | None) -> Claim:
    return Claim(
        post.id,
        post.guild_id,
        post.date,
        post.channel_id,
        post.due_at,
        post.deadline,
        post.wake_at,
        post.attempt,
        post.error,
        subscription,
    )


def _attempt(claim: Claim) -> Update:
    """Update the claim's row unless a later attempt holds it."""
    return update(DailyPost).where(
        DailyPost.id == claim.id, DailyPost.attempt == claim.attempt, DailyPost.state == CLAIMED
    )


def _pause(subscription: DailySubscription, now: datetime, reason: str) -> None:
    subscription.paused_at = now
    subscription.pause_reason = reason[:_LONGEST]
    subscription.next_at = None


async def _find(session: AsyncSession, guild_id: int, day: dt.date) -> DailyPost | None:
    return await session.scalar(select(DailyPost).where(DailyPost.guild_id == guild_id, DailyPost.date == day))
