"""The bot's features, one package each: commands, buttons and services."""
