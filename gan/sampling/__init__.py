"""Sampling: icon codes to reproducible pixels."""
