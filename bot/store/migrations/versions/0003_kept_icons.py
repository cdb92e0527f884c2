"""Favourites, and codes too long for a button."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "kept_icons",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("style", sa.String(32), nullable=False),
        sa.Column("model", sa.String(8), nullable=False),
        sa.Column("picture", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("user_id", "code", "style", "model", name="uq_kept_icons_icon"),
    )
    op.create_index("ix_kept_icons_guild", "kept_icons", ["guild_id"])
    op.create_table(
        "long_codes",
        sa.Column("key", sa.String(16), primary_key=True),
        sa.Column("code", sa.Text, nullable=False),
    )
    op.create_index("ix_drawn_icons_channel_drawn", "drawn_icons", ["channel_id", "drawn_at"])
