"""Adapts discord.py to Discord-compatible servers and malformed events."""
