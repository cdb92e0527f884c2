"""Alembic's scripts, carried out by `bot.store.migrate` when the bot starts.

A new one: copy the last file in `versions/`, give it the next number and write `upgrade`. A test compares what the
scripts make with `models.py`.
"""
