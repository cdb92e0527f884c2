"""Alembic's migrations, run by `bot.store.migrate` at startup.

To add one, copy the last file in `versions/`, give it the next number and write `upgrade`. A test compares the result
with `models.py`.
"""
