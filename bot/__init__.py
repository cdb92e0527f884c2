"""The Discord bot and its database.

Imports ``gan``; ``gan`` never imports ``bot``.
"""
