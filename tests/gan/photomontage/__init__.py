"""Icons composed of a style's own pictures."""
