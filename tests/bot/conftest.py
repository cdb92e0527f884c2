"""What holds for every test of the bot's parts."""

from tests.patience import patient_bot

__all__ = ["patient_bot"]
