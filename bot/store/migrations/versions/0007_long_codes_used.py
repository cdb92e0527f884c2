"""When a long code was last used, so that unused ones can be deleted."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    """Add the column; a constant default makes it instant however many rows there are."""
    now = datetime.now(UTC).isoformat(" ", "seconds")
    now = now if op.get_bind().dialect.name == "postgresql" else now.partition("+")[0] + ".000000"
    op.add_column("long_codes", sa.Column("used_at", sa.DateTime(timezone=True), nullable=False, server_default=now))
