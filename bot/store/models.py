"""The tables. Types are portable: Discord ids are 64-bit, times are UTC and timezone-aware."""

from __future__ import annotations

import datetime as dt
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# SQLite autoincrements only columns declared exactly INTEGER
RowId = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime; stored as UTC, as SQLite has no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert to UTC; a naive datetime is a programming error."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The declarative base."""


class DrawnIcon(Base):
    """A posted icon, for suggestions to its user and for mixing in its channel."""

    __tablename__ = "drawn_icons"
    __table_args__ = (
        Index("ix_drawn_icons_user_drawn", "user_id", "drawn_at"),
        Index("ix_drawn_icons_channel_drawn", "channel_id", "drawn_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    guild_id: Mapped[int | None] = mapped_column(BigInteger)  # None: a direct message
    channel_id: Mapped[int | None] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(Text)  # bare; a chain of variations can be long
    style: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(8))  # short hash
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KeyValue(Base):
    """Key-value pairs, such as the hash of the registered commands."""

    __tablename__ = "key_values"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Favourite(Base):
    """A favourite, with its picture, as its model may be replaced."""

    __tablename__ = "kept_icons"
    __table_args__ = (
        UniqueConstraint("user_id", "code", "style", "model", name="uq_kept_icons_icon"),
        Index("ix_kept_icons_guild", "guild_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    guild_id: Mapped[int | None] = mapped_column(BigInteger)  # where it was added; None: in a direct message
    code: Mapped[str] = mapped_column(Text)  # bare
    style: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(8))  # short hash
    picture: Mapped[bytes] = mapped_column(LargeBinary)  # PNG, 64×64
    name: Mapped[str | None] = mapped_column(String(60))  # the user's private name; see bot/features/gallery/names.py
    added_at: Mapped[datetime] = mapped_column("kept_at", UtcDateTime)


class HiddenIcon(Base):
    """An icon that `/top` does not show in a server."""

    __tablename__ = "hidden_icons"
    __table_args__ = (UniqueConstraint("guild_id", "code", "style", "model", name="uq_hidden_icons_icon"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(Text)  # bare
    style: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(8))  # short hash
    hidden_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ServerSettings(Base):
    """What a server has set with `/settings`; see `bot.store.server_settings.Chosen`."""

    __tablename__ = "server_settings"

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    style: Mapped[str | None] = mapped_column(String(32))
    private: Mapped[bool] = mapped_column(Boolean)
    language: Mapped[str | None] = mapped_column(String(8))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LongCode(Base):
    """An icon code too long for a custom id, which carries the key instead."""

    __tablename__ = "long_codes"

    key: Mapped[str] = mapped_column(String(16), primary_key=True)  # prefix of the code's SHA-256
    code: Mapped[str] = mapped_column(Text)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)  # to within `bot.store.long_codes.SELDOM`


class DailySubscription(Base):
    """A server's subscription to the icon of the day."""

    __tablename__ = "daily_subscriptions"
    __table_args__ = (Index("ix_daily_subscriptions_next", "next_at", "guild_id"),)

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    minute: Mapped[int] = mapped_column(Integer)  # of the day, local
    timezone: Mapped[str] = mapped_column(String(64))
    role_id: Mapped[int | None] = mapped_column(BigInteger)  # pinged
    message: Mapped[str | None] = mapped_column(Text)  # custom text above the icon
    locale: Mapped[str] = mapped_column(String(8))  # the server's Discord locale
    set_by: Mapped[int | None] = mapped_column(BigInteger)  # None: the owner's settings
    next_date: Mapped[dt.date] = mapped_column(Date)  # the next local date to post
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it is due; None: paused
    failed_days: Mapped[int] = mapped_column(Integer, default=0)  # consecutive, on which Discord refused every attempt
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pause_reason: Mapped[str | None] = mapped_column(String(200))
    server_icon: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())  # also set as the icon

    monthly: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())  # the best of each month, too


class MonthlyPost(Base):
    """A server's post of the best icons of a month: its claim and result; unique for server and month."""

    __tablename__ = "monthly_posts"
    __table_args__ = (
        UniqueConstraint("guild_id", "month", name="uq_monthly_posts_guild_month"),
        Index("ix_monthly_posts_wake", "wake_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    month: Mapped[dt.date] = mapped_column(Date)  # its first day
    channel_id: Mapped[int] = mapped_column(BigInteger)  # of the last attempt
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wake_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # lease or next attempt; None: done
    attempt: Mapped[int] = mapped_column(Integer)  # 0, 1, 2, …
    message_id: Mapped[int | None] = mapped_column(BigInteger)  # None: nothing was posted, or it is deleted


class ServerIcon(Base):
    """The icon of a server that the bot changes: the server's own one, and the work that is due."""

    __tablename__ = "server_icons"
    __table_args__ = (Index("ix_server_icons_wake", "wake_at"),)

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    date: Mapped[dt.date] = mapped_column(Date)  # whose icon the server shall have
    wanted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wake_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # lease or next attempt; None: nothing to do
    attempt: Mapped[int] = mapped_column(Integer)  # 0, 1, 2, … for this date
    error: Mapped[str | None] = mapped_column(String(200))  # of the last attempt
    hash: Mapped[str | None] = mapped_column(String(64))  # Discord's, of the icon that the bot set last
    shown: Mapped[dt.date | None] = mapped_column(Date)  # the date of that icon
    tried: Mapped[dt.date | None] = mapped_column(Date)  # whose icon may have been set without a record of it
    original: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # the server's own; None: it had none


class DailyPost(Base):
    """A server's post of a local date: its claim and result; unique for server and date."""

    __tablename__ = "daily_posts"
    __table_args__ = (
        UniqueConstraint("guild_id", "date", name="uq_daily_posts_guild_date"),
        Index("ix_daily_posts_wake", "state", "wake_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    date: Mapped[dt.date] = mapped_column(Date)
    channel_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(8))  # claimed, posted, missed
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deadline: Mapped[datetime] = mapped_column(UtcDateTime)  # deadline
    wake_at: Mapped[datetime] = mapped_column(UtcDateTime)  # the lease of the last attempt
    attempt: Mapped[int] = mapped_column(Integer)  # 1, 2, …
    error: Mapped[str | None] = mapped_column(String(200))  # Discord's response to the last attempt
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    posted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DailyIcon(Base):
    """A date's icon for all servers; its pixels outlive its model."""

    __tablename__ = "daily_icons"

    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    code: Mapped[str] = mapped_column(Text)  # bare
    style: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(8))
    png: Mapped[bytes] = mapped_column(LargeBinary)  # the generator's 64×64 output
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DailyStar(Base):
    """A user's star on a daily post."""

    __tablename__ = "daily_stars"

    post_id: Mapped[int] = mapped_column(ForeignKey("daily_posts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class RetrainJob(Base):
    """A training job. Its files are in DATA_DIR/runs/<folder>."""

    __tablename__ = "retrain_jobs"
    __table_args__ = (Index("ix_retrain_jobs_state", "state"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int | None] = mapped_column(BigInteger)  # None: a direct message
    channel_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)  # the progress message
    user_id: Mapped[int] = mapped_column(BigInteger)  # the requester
    locale: Mapped[str] = mapped_column(String(8))
    style: Mapped[str] = mapped_column(String(32))
    start: Mapped[str] = mapped_column(String(45))  # auto, default, scratch, or a pinned style
    minutes: Mapped[float] = mapped_column(Float)  # of training
    pictures: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))  # see bot/store/retrain_jobs.py
    reason: Mapped[str | None] = mapped_column(Text)  # of failure or early end
    folder: Mapped[str] = mapped_column(String(32))
    crashes: Mapped[int] = mapped_column("deaths", Integer)  # consecutive ones without progress
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    queued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
