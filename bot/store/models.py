"""The tables. Types are portable: Discord's ids are 64 bits wide, times are UTC with their time zone."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# SQLite counts up by itself only in a column that is INTEGER to the letter
RowId = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime; SQLite, which knows no time zones, keeps it as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn any aware time into UTC; a naive one is a programming error."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What all tables share."""


class DrawnIcon(Base):
    """An icon that was posted, for its user's autocompletion and for mixing in its channel."""

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
    model: Mapped[str] = mapped_column(String(8))  # the first 8 hex digits of its hash
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KeyValue(Base):
    """Small things to remember, such as the hash of the commands that Discord knows."""

    __tablename__ = "key_values"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class KeptIcon(Base):
    """An icon somebody keeps. The picture is kept too, as its model may be replaced."""

    __tablename__ = "kept_icons"
    __table_args__ = (
        UniqueConstraint("user_id", "code", "style", "model", name="uq_kept_icons_icon"),
        Index("ix_kept_icons_guild", "guild_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    guild_id: Mapped[int | None] = mapped_column(BigInteger)  # where it was kept; None: in a direct message
    code: Mapped[str] = mapped_column(Text)  # bare
    style: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(8))  # the first 8 hex digits of its hash
    picture: Mapped[bytes] = mapped_column(LargeBinary)  # PNG, 64×64
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LongCode(Base):
    """An icon code too long for a button's custom_id, which carries the key instead."""

    __tablename__ = "long_codes"

    key: Mapped[str] = mapped_column(String(16), primary_key=True)  # the beginning of the code's SHA-256
    code: Mapped[str] = mapped_column(Text)
