"""Names of favourites."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Add the column; existing favourites have no name."""
    op.add_column("kept_icons", sa.Column("name", sa.String(60)))
