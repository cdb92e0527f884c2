"""Authorisation and rate limiting."""
