"""`/mix` and its button: interpolation between two icons."""
