"""What follows a daily post: the server's icon, and the best of a month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    """Create the tables and add the columns; constant defaults make it instant."""
    for name in ("server_icon", "monthly"):
        op.add_column("daily_subscriptions", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "server_icons",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wake_at", sa.DateTime(timezone=True)),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("error", sa.String(200)),
        sa.Column("hash", sa.String(64)),
        sa.Column("shown", sa.Date),
        sa.Column("tried", sa.Date),
        sa.Column("original", sa.LargeBinary),
    )
    op.create_index("ix_server_icons_wake", "server_icons", ["wake_at"])
    op.create_table(
        "monthly_posts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wake_at", sa.DateTime(timezone=True)),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.UniqueConstraint("guild_id", "month", name="uq_monthly_posts_guild_month"),
    )
    op.create_index("ix_monthly_posts_wake", "monthly_posts", ["wake_at"])
