"""Shared Discord user interface: command tree, posting, persistent buttons."""
