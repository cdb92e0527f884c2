"""Training jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Create the table."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "retrain_jobs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("style", sa.String(32), nullable=False),
        sa.Column("start", sa.String(45), nullable=False),
        sa.Column("minutes", sa.Float, nullable=False),
        sa.Column("pictures", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("folder", sa.String(32), nullable=False),
        sa.Column("deaths", sa.Integer, nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("queued_at", moment),
        sa.Column("ended_at", moment),
    )
    op.create_index("ix_retrain_jobs_state", "retrain_jobs", ["state"])
