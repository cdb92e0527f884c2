"""Search for icons: by attributes, and by a picture (projection)."""
