"""Errors with messages for users."""

from __future__ import annotations

MAY_PASS = 75  # EX_TEMPFAIL of sysexits.h: a supervisor may retry, which does not help after exit code 2


class MeliconError(Exception):
    """An error that the user can fix: ``str(error)`` is one line that says what is wrong and what to do.

    The command line prints it and exits with ``exit_code``; the bot answers with it.
    """

    exit_code = 2
