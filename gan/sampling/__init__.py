"""From codes to pixels that are the same on every machine."""
