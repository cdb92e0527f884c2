"""The chat side: the Discord bot, its database and the try-it emulator.

Imports ``gan``; ``gan`` never imports ``bot``.
"""
