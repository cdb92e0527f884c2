"""Weights files and model cards: reading, checking, hashing and writing them."""
