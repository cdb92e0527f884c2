"""Errors written for people."""

from __future__ import annotations

MAY_PASS = 75  # sysexits.h: EX_TEMPFAIL. What starts the program may try again, which does not help after a 2


class MeliconError(Exception):
    """Something a person can put right: ``str(error)`` is one line that says what is wrong and what to do.

    The command line prints it and exits with ``exit_code``; the bot answers with it.
    """

    exit_code = 2
