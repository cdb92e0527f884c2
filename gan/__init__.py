"""The model: networks, training, sampling and the house artist.

Independent of the bot. Usable as a library and from the command line (``python -m gan``).
"""
