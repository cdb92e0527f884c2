"""Errors written for people."""

from __future__ import annotations


class MeliconError(Exception):
    """Something a person can put right: ``str(error)`` is one line that says what is wrong and what to do.

    The command line prints it and exits with 2; the bot answers with it.
    """
