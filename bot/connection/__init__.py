"""What discord.py needs to work with any Discord-compatible server, and to survive malformed events."""
