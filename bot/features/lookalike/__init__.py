"""`/like-me`: projection of a picture."""
