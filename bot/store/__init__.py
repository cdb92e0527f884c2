"""The database: async SQLAlchemy 2; a SQLite file by default, PostgreSQL by URL.

`Store.open` first migrates the schema (Alembic, `migrations/`). Tables are in `models.py`. Queries are methods of the
store's attributes, such as `Store.favourites`, each in a module of its own.
"""

from __future__ import annotations

from bot.store.claims import Claim, Plan
from bot.store.database import Store, StoreError
from bot.store.favourites import MOST_FAVOURITES, GalleryFull
from bot.store.models import (
    DailyIcon,
    DailyPost,
    DailySubscription,
    DrawnIcon,
    Favourite,
    MonthlyPost,
    RetrainJob,
    ServerIcon,
)
from bot.store.monthly_posts import MonthlyTask
from bot.store.server_icons import IconTask
from bot.store.server_settings import Chosen
from bot.store.subscriptions import PLAUSIBLE

__all__ = [
    "MOST_FAVOURITES",
    "PLAUSIBLE",
    "Chosen",
    "Claim",
    "DailyIcon",
    "DailyPost",
    "DailySubscription",
    "DrawnIcon",
    "Favourite",
    "GalleryFull",
    "IconTask",
    "MonthlyPost",
    "MonthlyTask",
    "Plan",
    "RetrainJob",
    "ServerIcon",
    "Store",
    "StoreError",
]
