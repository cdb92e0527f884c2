"""The model: networks, training, drawing and the house artist.

Knows nothing of chat. Usable alone as a library and from the command line (``python -m gan``).
"""
