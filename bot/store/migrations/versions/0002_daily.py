"""The icon of the day: subscriptions, posts, icons and stars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Create the tables."""
    row_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "daily_subscriptions",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("minute", sa.Integer, nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("role_id", sa.BigInteger),
        sa.Column("message", sa.Text),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("set_by", sa.BigInteger),
        sa.Column("next_date", sa.Date, nullable=False),
        sa.Column("next_at", moment),
        sa.Column("failed_days", sa.Integer, nullable=False),
        sa.Column("paused_at", moment),
        sa.Column("pause_reason", sa.String(200)),
    )
    op.create_index("ix_daily_subscriptions_next", "daily_subscriptions", ["next_at", "guild_id"])
    op.create_table(
        "daily_posts",
        sa.Column("id", row_id, primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("deadline", moment, nullable=False),
        sa.Column("wake_at", moment, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("error", sa.String(200)),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("posted_at", moment),
        sa.UniqueConstraint("guild_id", "date", name="uq_daily_posts_guild_date"),
    )
    op.create_index("ix_daily_posts_wake", "daily_posts", ["state", "wake_at"])
    op.create_table(
        "daily_icons",
        sa.Column("date", sa.Date, primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("style", sa.String(32), nullable=False),
        sa.Column("model", sa.String(8), nullable=False),
        sa.Column("png", sa.LargeBinary, nullable=False),
        sa.Column("chosen_at", moment, nullable=False),
    )
    op.create_table(
        "daily_stars",
        sa.Column("post_id", row_id, sa.ForeignKey("daily_posts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    )
