"""The model: networks, training, drawing and the house artist.

Knows nothing of chat. Usable alone as a library and from the command line (``python -m gan``):

    from gan import Icons
    Icons.load().draw("naru", size=512).save("naru.png")
"""

from gan.icons import Icons

__all__ = ["Icons"]
