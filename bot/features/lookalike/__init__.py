"""`/like-me`: the icons most like a picture."""
