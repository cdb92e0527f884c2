"""The model: networks, training, sampling and the house artist.

Independent of the bot. Usable as a library and from the command line (``python -m gan``):

    from gan import Icons
    Icons.load().draw("naru", size=512).save("naru.png")
"""

from gan.icons import Icons

__all__ = ["Icons"]
