"""`/describe`: attribute search."""
