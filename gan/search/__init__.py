"""Finding latents: by attributes, and by a picture (projection)."""
