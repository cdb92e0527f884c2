"""Weights files and model cards: read, check, hash and write."""
