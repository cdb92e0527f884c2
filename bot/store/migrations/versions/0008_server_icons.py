"""The icon of the day as the server's icon."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    """Create the table and add the column; a constant default makes it instant."""
    op.add_column(
        "daily_subscriptions", sa.Column("server_icon", sa.Boolean, nullable=False, server_default=sa.false())
    )
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
