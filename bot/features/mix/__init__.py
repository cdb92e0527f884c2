"""`/mix` and its button: an icon between two others."""
